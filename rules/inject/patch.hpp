// A JSON Patch (RFC 6902) under construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/view/podview.hpp"

namespace errand::rules {

// One operation of a patch.
struct PatchOp {
  std::string op;     // add or remove; add replaces an existing member
  std::string path;   // JSON Pointer (RFC 6901)
  std::string value;  // JSON text; empty for remove
};

// Operations apply in order, each to the result of those before it.
using Patch = std::vector<PatchOp>;

// Returns the patch as a JSON array.
std::string toJson(const Patch& patch);

// Returns the text as a JSON string, with quotation marks. Replaces bytes that are not UTF-8 by U+FFFD.
std::string jsonString(std::string_view text);

// Adds an operation that appends `value` to the list at `path`. If `exists` is false, the operation creates
// the list instead. Sets `exists` to true.
void append(Patch& patch, const std::string& path, const std::string& value, bool& exists);

// Returns a pointer such as /spec/containers/0.
std::string pathOf(const Container& container);

}  // namespace errand::rules
