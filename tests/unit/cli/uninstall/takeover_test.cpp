// Revocation without the operator: the last tokens, the release of a grant, and the policies meanwhile.
#include "cli/uninstall/takeover.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/uninstall/guards.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;

const Time kTaken = *parseTime("2026-11-24T12:00:00Z");

api::TaskGrant started(api::DeliveryMode mode) {
  api::TaskGrant out;
  out.meta.resourceVersion = "7";
  out.spec.delivery = mode;
  out.status.phase = api::Phase::Active;
  out.status.startedAt = kTaken - Seconds{60};
  return out;
}

TEST(TakeOver, TokensOfPodsLiveTenMinutesAndThoseOfSlotsAsTheirStatusSays) {
  EXPECT_EQ(lastTokenOf({}, kTaken), Time{});
  EXPECT_EQ(lastTokenOf({api::TaskGrant()}, kTaken), Time{}) << "it never started";
  EXPECT_EQ(lastTokenOf({started(api::DeliveryMode::Projected)}, kTaken), kTaken + Seconds{660});
  auto slot = started(api::DeliveryMode::Slot);
  EXPECT_EQ(lastTokenOf({slot}, kTaken), kTaken + Seconds{3660}) << "the status does not say";
  slot.status.credentials = {{"vault", "id", kTaken, kTaken + Seconds{900}}};
  EXPECT_EQ(lastTokenOf({started(api::DeliveryMode::Projected), slot}, kTaken), kTaken + Seconds{960});
  slot.status.revocation.confirmedAt = kTaken;
  EXPECT_EQ(lastTokenOf({slot}, kTaken), Time{});
}

TEST(TakeOver, AReleaseKeepsFinalizersOfOthersAndAsksForTheEnd) {
  auto grant = started(api::DeliveryMode::Projected);
  grant.meta.finalizers = {std::string(api::kFinalizer)};
  json patch = releaseOf(grant);
  EXPECT_EQ(patch["metadata"], json({{"resourceVersion", "7"}, {"finalizers", nullptr}}));
  EXPECT_EQ(patch["spec"]["revoke"]["reason"], "kubectl errand uninstall --without-operator");
  grant.meta.finalizers.push_back("example.com/keep");
  grant.spec.revokeReason = "wrong";
  patch = releaseOf(grant);
  EXPECT_EQ(patch["metadata"]["finalizers"], json({"example.com/keep"}));
  EXPECT_FALSE(patch.contains("spec")) << "its reason stays";
}

TEST(TakeOver, APolicyExcludesANamespaceAndIncludesItAgain) {
  const json bare = {{"metadata", {{"resourceVersion", "3"}}}, {"spec", {{"policyName", "p"}}}};
  const json exclusion = {{"key", "kubernetes.io/metadata.name"}, {"operator", "NotIn"}, {"values", {"a"}}};
  EXPECT_FALSE(including(bare, "a"));
  json patch = excluding(bare, "a").value();
  EXPECT_EQ(patch["metadata"]["resourceVersion"], "3");
  json changed = bare;
  changed.merge_patch(patch);
  EXPECT_EQ(changed["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"], json({exclusion}));
  EXPECT_FALSE(excluding(changed, "a")) << "an interrupted run has done it";
  EXPECT_FALSE(including(changed, "b"));
  changed.merge_patch(including(changed, "a").value());
  EXPECT_EQ(changed, bare);
}

TEST(TakeOver, APolicyKeepsItsOtherExclusions) {
  const json own = {
      {"key", "kubernetes.io/metadata.name"}, {"operator", "NotIn"}, {"values", {"kube-system"}}};
  json binding = {{"metadata", {{"resourceVersion", "3"}}},
                  {"spec", {{"matchResources", {{"namespaceSelector", {{"matchExpressions", {own}}}}}}}}};
  const json before = binding;
  binding.merge_patch(excluding(binding, "a").value());
  EXPECT_EQ(binding["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"].size(), 2u);
  binding.merge_patch(including(binding, "a").value());
  EXPECT_EQ(binding, before);
}

}  // namespace
}  // namespace errand::cli
