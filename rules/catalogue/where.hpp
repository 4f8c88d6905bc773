// JSON Pointers (RFC 6901) to the parts of a pod.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/inject/patch.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Returns a pointer such as /spec/volumes/0. The volume must be an element of pod.volumes.
std::string pathOf(const PodView& pod, const Volume& volume);

// Returns a pointer such as /spec/containers/0/env/1. The variable must be an element of container.env.
std::string pathOf(const Container& container, const EnvVar& env);

// Returns the pointer to a field: /livenessProbe/exec/command/0 for livenessProbe.exec.command[0]. No key may
// have a dot, a bracket or a slash.
std::string pointer(std::string_view field);

// Returns the pointer to a key of a map, which is everything after the first dot: /data/a~1b for data.a/b.
std::string mapPointer(std::string_view field);

// Returns the name of texts[i]. An element of a list has none: if the element before it is a flag without a
// value, returns that flag.
std::string_view nameOf(const std::vector<Text>& texts, size_t i);

}  // namespace errand::rules
