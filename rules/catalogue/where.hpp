// JSON Pointers (RFC 6901) to the parts of a pod.
#pragma once

#include <string>
#include <string_view>

#include "rules/inject/patch.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// /spec/volumes/0; the volume must be an element of pod.volumes.
std::string pathOf(const PodView& pod, const Volume& volume);

// /spec/containers/0/env/1; the variable must be an element of container.env.
std::string pathOf(const Container& container, const EnvVar& env);

// livenessProbe.exec.command[0] as /livenessProbe/exec/command/0
std::string pointer(std::string_view field);

// Treats everything after the first dot as one key: data.a/b as /data/a~1b
std::string mapPointer(std::string_view field);

}  // namespace errand::rules
