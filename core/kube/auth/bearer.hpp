// The bearer token that we come with, kept fresh from its file.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

// "Bearer ..." for the Authorization header; empty for an empty token.
Sensitive bearerHeader(const Sensitive& token);

// The kubelet replaces a projected token at 80 % of its life, so the file is
// read again each minute, and after a 401 at the next call. A file that cannot
// be read leaves the last token in use. Safe to use from several threads.
class Bearer {
 public:
  Bearer(std::filesystem::path file, Sensitive fixed, const Clock& clock);

  // "Bearer ..." for the Authorization header; empty where there is no token.
  // Unauthorized where the file cannot be read and never could.
  Result<Sensitive> header();

  // The API server has refused the token.
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
