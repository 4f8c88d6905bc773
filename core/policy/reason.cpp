#include "core/policy/reason.hpp"

#include <algorithm>
#include <array>

namespace errand::policy {
namespace {

constexpr std::array kNames = std::to_array<std::string_view>({
#define ERRAND_REASON(name, ...) #name,
#include "core/policy/reasons.inc"
#undef ERRAND_REASON
});

}  // namespace

std::string_view toString(Reason reason) { return kNames.at(static_cast<size_t>(reason)); }

std::optional<Reason> reasonOf(const api::Condition& condition) {
  const auto it = std::ranges::find(kNames, condition.reason);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<Reason>(it - kNames.begin());
}

}  // namespace errand::policy
