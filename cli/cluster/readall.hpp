// Reads lists of objects, and records what could not be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/kube/client/client.hpp"

namespace errand::cli {

// A resource that the user may not read, or that could not be read.
struct Unread {
  std::string what, message;
  ErrorKind kind = ErrorKind::Internal;
};

// Returns nullopt if the list could not be read. An object that could not be decoded is left out. Both add to
// `unread`. Defined for the types that readall.cpp names.
template <class T>
std::optional<std::vector<T>> readAll(const kube::Client& client, const api::Resource& resource,
                                      const kube::ListOptions& options, std::vector<Unread>& unread);

}  // namespace errand::cli
