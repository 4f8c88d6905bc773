// A JSON Patch (RFC 6902) under construction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/view/podview.hpp"

namespace errand::rules {

struct PatchOp {
  std::string op;     // add or remove; add replaces a member that is there
  std::string path;   // JSON Pointer (RFC 6901)
  std::string value;  // JSON text; empty for remove
};

// Operations apply in order, each to what the ones before it made.
using Patch = std::vector<PatchOp>;

std::string toJson(const Patch& patch);

// A JSON string literal.
std::string jsonString(std::string_view text);

// Appends to the list at `path`, which is created where it is not there.
// `exists` says so and is true afterwards.
void append(Patch& patch, const std::string& path, const std::string& value, bool& exists);

// /spec/containers/0
std::string pathOf(const Container& container);

}  // namespace errand::rules
