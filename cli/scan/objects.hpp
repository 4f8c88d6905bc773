// Finds the objects in a document, like kubectl.
#pragma once

#include <string>
#include <vector>

#include "cli/yaml/tree.hpp"

namespace errand::cli {

// An object, and its position in the document.
struct FoundObject {
  const YamlNode* node;
  std::string path;              // JSON Pointer within the document: /items/3
  std::string apiVersion, kind;  // those of the list, for an item without a kind; else empty
};

// A part of a document with a problem.
struct Remark {
  int line;
  std::string text;
};

// The objects of a document, and its other parts.
struct Contents {
  std::vector<FoundObject> objects;
  std::vector<Remark> broken;  // parts that kubectl would reject
  std::vector<Remark> passed;  // parts that are no object
};

// Searches lists of every kind, and JSON arrays. An item without a kind has the kind of its list, as in the
// API server's answers: a PodList holds Pods.
Contents contentsOf(const YamlNode& root);

}  // namespace errand::cli
