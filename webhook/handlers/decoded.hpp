// Decodes objects of this project's kinds. Only the handlers of this folder may use it.
#pragma once

#include <string>

#include "core/api/codec.hpp"
#include "core/base/result.hpp"

namespace errand::webhook {

// Decodes the object. Its namespace is the request's, whatever the object contains.
template <class T>
Result<T> decoded(const std::string& ns, const std::string& text) {
  auto object = api::decodeText<T>(text);
  if (object) object->meta.ns = ns;
  return object;
}

}  // namespace errand::webhook
