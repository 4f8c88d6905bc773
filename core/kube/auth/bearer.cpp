#include "core/kube/auth/bearer.hpp"

#include <string>
#include <utility>

#include "core/base/file.hpp"
#include "core/base/log.hpp"

namespace errand::kube {
namespace {

constexpr Seconds kReadAgain{60};

}  // namespace

Sensitive bearerHeader(const Sensitive& token) {
  if (token.empty()) return {};
  std::string header;
  header.reserve(7 + token.reveal().size());
  header += "Bearer ";
  header += token.reveal();
  return Sensitive(std::move(header));
}

Bearer::Bearer(std::filesystem::path file, Sensitive fixed, const Clock& clock)
    : file_(std::move(file)), clock_(clock), state_(State{std::move(fixed), {}}) {}

Result<Sensitive> Bearer::header() {
  const auto state = state_.access();
  const auto now = clock_.monotonic();
  if (!file_.empty() && (!state->readAt || now - *state->readAt >= kReadAgain)) {
    if (const auto text = readSecretFile(file_)) {
      const std::string_view token = text->reveal();
      state->token = Sensitive(std::string(token.substr(0, token.find_last_not_of(" \t\r\n") + 1)));
    } else if (state->token.empty()) {
      return fail(ErrorKind::Unauthorized, text.error().message);
    } else {
      log::warn("token file cannot be read, using the last token", {{"error", text.error().message}});
    }
    state->readAt = now;
  }
  return bearerHeader(state->token);
}

void Bearer::refused() { state_.access()->readAt.reset(); }

}  // namespace errand::kube
