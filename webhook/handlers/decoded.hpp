// Decodes objects of our own kinds. For the handlers of this folder only.
#pragma once

#include <string>

#include "core/api/codec.hpp"
#include "core/base/result.hpp"

namespace errand::webhook {

// The namespace is the request's, whatever the object says.
template <class T>
Result<T> decoded(const std::string& ns, const std::string& text) {
  auto object = api::decodeText<T>(text);
  if (object) object->meta.ns = ns;
  return object;
}

}  // namespace errand::webhook
