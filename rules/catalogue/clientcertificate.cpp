#include "rules/catalogue/clientcertificate.hpp"

#include <algorithm>
#include <array>

#include "core/base/time.hpp"

namespace errand::rules {
namespace {

// The extended key usages of cert-manager that are not for clients.
constexpr std::array kOtherExtended = std::to_array<std::string_view>({
    "server auth",
    "code signing",
    "email protection",
    "s/mime",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "timestamping",
    "ocsp signing",
    "microsoft sgc",
    "netscape sgc",
});

bool isForClients(const std::vector<std::string_view>& usages) {
  const auto isOther = [](std::string_view usage) {
    return std::ranges::find(kOtherExtended, usage) != kOtherExtended.end();
  };
  const auto isClient = [](std::string_view usage) { return usage == "client auth" || usage == "any"; };
  return std::ranges::any_of(usages, isClient) || std::ranges::none_of(usages, isOther);
}

}  // namespace

std::optional<std::string_view> longForClients(const std::vector<std::string_view>& usages, bool isAuthority,
                                               std::string_view duration) {
  const std::int64_t seconds = parseDuration(duration).value_or(Seconds{0}).count();
  if (seconds > 0 && seconds <= kLongestClientCertificate) return std::nullopt;
  if (isAuthority) return "an authority";
  return isForClients(usages) ? std::optional<std::string_view>("a client certificate") : std::nullopt;
}

}  // namespace errand::rules
