// Finds pods and containers anywhere in an object, for kinds whose templates the rules do not know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/yaml/tree.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// The containers of one pod, in the form of any kind.
struct FoundPod {
  const YamlNode* parent = nullptr;  // the template, which may hold the pod's metadata; null if there is none
  std::string parentPath;
  const YamlNode* node = nullptr;  // the map with the containers and the other fields of the pod spec
  std::string path;                // JSON Pointer of `node`, from the object
  std::vector<const YamlNode*> containers;
  std::vector<std::string> containerPaths;  // JSON Pointers of `containers`, in the same order

  // False if it looks like a container only because of its `env`. If it cannot be read as one, it is
  // something else.
  bool isSure() const { return containers.size() != 1 || containers.front() != node; }
};

// Returns the pods of the object, except those below the pointer `known`:
// - maps with a list `containers`, as in the templates of JobSet, RayCluster or PyTorchJob
// - maps with `container`, `script` or `steps`, as in Argo Workflows and Tekton
// - any other map with a list `env` of names and values, as in kagent's Agent
std::vector<FoundPod> podsIn(const YamlNode& object, std::string_view known);

// asPodTemplate returns the pod as a PodTemplate of the core group. pathIn returns the pointer in the object
// to a field of that template, such as /template/spec/containers/0/env.
Result<std::string> asPodTemplate(const FoundPod& pod);
std::string pathIn(const FoundPod& pod, std::string_view templatePath);

// True if a rule checks objects of this kind, whatever they hold.
bool isJudgedKind(const rules::ObjectView& view);

}  // namespace errand::cli
