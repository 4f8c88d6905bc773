// The bearer token of this process, read again from its file.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

// Returns "Bearer <token>" for the Authorization header; empty for an empty token.
Sensitive bearerHeader(const Sensitive& token);

// Reads the file again each minute, like client-go, and at the next call after a 401: the kubelet replaces a
// projected token at 80 % of its life. If the file cannot be read, the last token stays in use. Safe to use
// from several threads.
class Bearer {
 public:
  // `fixed` is the token until the file is read, or always if `file` is empty. `clock` must outlive this.
  Bearer(std::filesystem::path file, Sensitive fixed, const Clock& clock);

  // Returns "Bearer <token>" for the Authorization header; empty if there is no token. Fails with
  // Unauthorized if the file cannot be read and there is no last token.
  Result<Sensitive> header();

  // Call it when the API server has rejected the token.
  void refused();

 private:
  struct State {
    Sensitive token;
    std::optional<std::chrono::steady_clock::time_point> readAt;
  };

  const std::filesystem::path file_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace errand::kube
