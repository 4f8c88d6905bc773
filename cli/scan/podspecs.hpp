// Finds pods and containers anywhere in an object, for kinds whose templates the rules do not know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/yaml/tree.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// The containers of one pod, in the form of any kind. The document owns the nodes.
struct FoundPod {
  const YamlNode* parent = nullptr;  // the template, which may hold the pod's metadata; null if there is none
  std::string parentPath;
  const YamlNode* node = nullptr;  // the map with the containers and the other fields of the pod spec
  std::string path;                // JSON Pointer of `node`, from the object
  std::vector<const YamlNode*> containers;
  std::vector<std::string> containerPaths;  // JSON Pointers of `containers`, in the same order

  // False for a map that looks like a container only because of its `env`. If it cannot be read as a
  // container, it is something else, and that is no error.
  bool isSure() const { return containers.size() != 1 || containers.front() != node; }
};

// Returns the pods of the object, except those at and below the JSON Pointer `known`, if it is not empty:
// - maps with a list `containers`, as in the templates of JobSet, RayCluster or PyTorchJob
// - maps with `container`, `script`, `steps` or `sidecars`, as in Argo Workflows and Tekton
// - any other map with a list `env` of names and values, as in kagent's Agent
// A container is a map with `image`, or with `name` and `env`.
std::vector<FoundPod> podsIn(const YamlNode& object, std::string_view known);

// Returns the pod as the JSON of a PodTemplate of the core group. Fails as toJson().
Result<std::string> asPodTemplate(const FoundPod& pod);
// Returns the JSON Pointer in the object for one in that template, such as /template/spec/containers/0/env.
// Uses only the paths of `pod`, so the document may be gone.
std::string pathIn(const FoundPod& pod, std::string_view templatePath);

// True if a rule checks objects of this kind, or if the object has a pod.
bool isJudgedKind(const rules::ObjectView& view);

}  // namespace errand::cli
