// Finds pods and containers anywhere in an object, for kinds whose templates the rules do not know by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/yaml/tree.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// Containers of one pod, wherever a kind keeps them.
struct FoundPod {
  const YamlNode* parent = nullptr;  // the template, which may hold the pod's metadata; or null
  std::string parentPath;
  const YamlNode* node = nullptr;  // holds the containers, and what else a pod spec has
  std::string path;                // of `node`, a JSON Pointer from the object
  std::vector<const YamlNode*> containers;
  std::vector<std::string> containerPaths;  // of each

  // False if only an `env` makes it look like a container: what cannot be read as one is something else.
  bool isSure() const { return containers.size() != 1 || containers.front() != node; }
};

// Returns the pods of the object, except those below the pointer `known`. They are:
// - maps with a list `containers`, as in the templates of JobSet, RayCluster or PyTorchJob
// - maps with `container`, `script` or `steps`, as in Argo Workflows and Tekton
// - any other map with a list `env` of names and values, as in kagent's Agent
std::vector<FoundPod> podsIn(const YamlNode& object, std::string_view known);

// The pod as a PodTemplate of the core group. A field of it at /template/spec/containers/0/env is in the
// object at pathIn(pod, …).
Result<std::string> asPodTemplate(const FoundPod& pod);
std::string pathIn(const FoundPod& pod, std::string_view templatePath);

// True if some rule looks at objects of this kind, whatever they hold.
bool isJudgedKind(const rules::ObjectView& view);

}  // namespace errand::cli
