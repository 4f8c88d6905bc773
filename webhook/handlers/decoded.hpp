// Decodes objects of our own kinds. For the handlers of this folder only.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/api/codec.hpp"
#include "core/base/result.hpp"

namespace errand::webhook {

// The namespace is the request's, whatever the object says.
template <class T>
Result<T> decoded(const std::string& ns, const std::string& text) {
  const auto parsed = api::parseJson(text);
  auto object = parsed ? api::decode<T>(*parsed) : std::unexpected(parsed.error());
  if (object) object->meta.ns = ns;
  return object;
}

}  // namespace errand::webhook
