// Finds the objects in a document, as kubectl does.
#pragma once

#include <string>
#include <vector>

#include "cli/yaml/tree.hpp"

namespace errand::cli {

struct FoundObject {
  const YamlNode* node;
  std::string path;              // JSON Pointer within the document: /items/3
  std::string apiVersion, kind;  // of an item without a kind, which its list decides; else empty
};

// A part of a document, and what is wrong with it.
struct Remark {
  int line;
  std::string text;
};

struct Contents {
  std::vector<FoundObject> objects;
  std::vector<Remark> broken;  // what kubectl would refuse
  std::vector<Remark> passed;  // what is no object
};

// Looks into lists of every kind, and into a JSON array. An item without a kind is of the kind of its list,
// as in the API server's answers: a PodList holds Pods.
Contents contentsOf(const YamlNode& root);

}  // namespace errand::cli
