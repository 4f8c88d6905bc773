#include "rules/inject/pullsecrets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "core/api/codec.hpp"
#include "core/json/pointer.hpp"
#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

constexpr size_t kMostNamed = 8;

void annotate(const PodView& pod, std::string_view names, Patch& patch) {
  std::string path = "/metadata/annotations";
  if (pod.annotations.empty()) {
    const std::string key = jsonString(api::kRemovedPullSecretsAnnotation);
    patch.emplace_back("add", path, fmt::format("{{{}:{}}}", key, jsonString(names)));
    return;
  }
  appendKey(path, api::kRemovedPullSecretsAnnotation);
  patch.emplace_back("add", path, jsonString(names));
}

}  // namespace

std::vector<std::string> stripPullSecrets(const PodView& pod, Patch& patch) {
  if (pod.controller() == nullptr || pod.imagePullSecrets.empty()) return {};
  patch.emplace_back("remove", "/spec/imagePullSecrets");
  const std::span named =
      std::span(pod.imagePullSecrets).first(std::min(kMostNamed, pod.imagePullSecrets.size()));
  const std::string names = printable(fmt::format("{}", fmt::join(named, ",")));
  annotate(pod, names, patch);
  return {fmt::format(
      "spec.imagePullSecrets: {} removed, because a registry password has no end (SC110); let the "
      "kubelet ask its credential provider",
      names)};
}

}  // namespace errand::rules
