// Reads an object of a manifest for the rules, as far as possible.
#pragma once

#include <string>
#include <vector>

#include "cli/scan/objects.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// A field that could not be read.
struct Unreadable {
  std::string path;     // JSON Pointer of the field; empty for the whole object
  std::string message;  // "spec.containers[0].env is not a list"
};

// An object that was read, as far as possible.
struct Manifest {
  std::string json;                    // without the fields in `unreadable`
  rules::ObjectView view;              // the view of `json`; only the kind if reading was given up
  std::vector<Unreadable> unreadable;  // reading is given up if many fields of a large object are wrong
};

// Reads an object. First removes text that tools write and no cluster stores: line breaks that kustomize puts
// into base64, values that SOPS has encrypted, and the directives of a strategic merge patch. Fails only as
// toJson(): with Invalid if the object is nested too deep or is too large.
Result<Manifest> readManifest(const FoundObject& object);

}  // namespace errand::cli
