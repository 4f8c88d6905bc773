// Finds the objects in a document, like kubectl.
#pragma once

#include <string>
#include <vector>

#include "cli/yaml/tree.hpp"

namespace errand::cli {

// An object, and its position in the document.
struct FoundObject {
  const YamlNode* node;  // owned by the document
  std::string path;      // JSON Pointer within the document: /items/3
  // What an item takes from its list; empty if the object has its own.
  std::string apiVersion, kind;
};

// A part of a document with a problem.
struct Remark {
  int line;
  std::string text;
};

// The objects of a document, and its other parts.
struct Contents {
  std::vector<FoundObject> objects;
  std::vector<Remark>
      broken;  // parts that kubectl would reject, and lists that are too long or nested too deep
  std::vector<Remark> passed;  // parts that are no object
};

// Returns the objects of the document, also those in JSON arrays and in lists of every kind. An item without
// a kind gets it from its list, as in the API server's answers: a PodList holds Pods.
Contents contentsOf(const YamlNode& root);

}  // namespace errand::cli
