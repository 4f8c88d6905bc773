#include "rules/catalogue/token/audience.hpp"

#include <algorithm>
#include <array>

namespace errand::rules {
namespace {

// The audiences of API servers in most clusters. An API server also accepts its --api-audiences, or by
// default its issuer, which differs in each cloud: RuleSettings::apiAudiences.
constexpr std::array<std::string_view, 3> kApi = {"", "https://kubernetes.default.svc",
                                                  "https://kubernetes.default.svc.cluster.local"};

// The policy errand-pods has the same lists (manifests/components/policies).
constexpr std::array kClouds = std::to_array<std::string_view>({
    "iam",  // IBM Cloud's trusted profiles
    "pods.eks.amazonaws.com",
    "sts.aliyuncs.com",
    "sts.amazonaws.com",
    "sts.amazonaws.com.cn",
});
constexpr std::array kCloudPrefixes = std::to_array<std::string_view>({
    "//iam.googleapis.com/",
    "api://AzureADTokenExchange",
    "https://iam.googleapis.com/",
});
constexpr std::string_view kCloudSuffix = ".svc.id.goog";

}  // namespace

bool isApiAudience(std::string_view audience, const RuleSettings& settings) {
  return std::ranges::find(kApi, audience) != kApi.end() ||
         std::ranges::find(settings.apiAudiences, audience) != settings.apiAudiences.end();
}

bool isCloudAudience(std::string_view audience) {
  return std::ranges::find(kClouds, audience) != kClouds.end() || audience.ends_with(kCloudSuffix) ||
         std::ranges::any_of(kCloudPrefixes,
                             [&](std::string_view prefix) { return audience.starts_with(prefix); });
}

}  // namespace errand::rules
