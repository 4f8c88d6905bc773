// A healthy installation has nothing wrong, and each fault is named.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "cli/doctor/diagnose.hpp"

namespace errand::cli {
namespace {

using ::testing::HasSubstr;

const Time kNow = *parseTime("2026-11-24T12:00:00Z");

std::vector<std::string> shipped() { return {kShippedPolicies.begin(), kShippedPolicies.end()}; }

api::PartialObject ns(std::string name, std::string mode) {
  api::PartialObject out;
  out.meta.name = std::move(name);
  if (!mode.empty()) out.meta.labels = {{"errand.dev/enforce", mode}};
  out.meta.annotations = {{"errand.dev/enforced-since", "2026-11-01T00:00:00Z"}};
  return out;
}

// Without webhook configurations: their certificates are made by the tests on a real API server.
DoctorFacts healthy() {
  DoctorFacts out;
  out.operatorNamespace = "errand-system";
  out.kinds.value = {"agentidentities", "taskgrants", "taskgrants/status", "exemptions"};
  for (const char* name : {"errand-operator", "errand-webhook"})
    out.deployments.push_back({name, {.value = DeploymentRead::Replicas{2, 2}}});
  out.deployments.push_back({"errand-scanner", {}});
  api::Lease lease;
  lease.holder = "errand-operator-1";
  lease.durationSeconds = 15;
  lease.renewTime = kNow - Seconds{2};
  out.lease.value = lease;
  out.policies.value = shipped();
  out.bindings.value.emplace();
  for (const std::string& name : shipped()) out.bindings.value->push_back({name, name});
  out.guardsSince.value = "2026-11-01T00:00:00Z";
  out.namespaces.value = {ns("agents", "true"), ns("other", ""), ns("trial", "warn")};
  out.bound.value = {"agents"};
  out.bindRoles.value = {"agents"};
  out.identities.value.emplace();
  out.grants.value.emplace();
  out.requesters.value = {{"agents", "user alice", "ClusterRole/errand-requester"},
                          {"other", "user bob", "ClusterRole/errand-requester"},
                          {"", "group admins", "ClusterRole/cluster-admin"}};
  return out;
}

std::string textOf(const DoctorFacts& facts) { return asText(diagnose(facts, kNow)); }

// Expects one trouble, and returns the text.
std::string faultOf(const DoctorFacts& facts) {
  const auto lines = diagnose(facts, kNow);
  EXPECT_EQ(std::ranges::count(lines, Verdict::Wrong, &CheckLine::verdict), 1) << asText(lines);
  EXPECT_EQ(exitOf(lines), 1) << asText(lines);
  return asText(lines);
}

TEST(Doctor, AHealthyInstallationHasNothingWrong) {
  const auto lines = diagnose(healthy(), kNow);
  EXPECT_EQ(exitOf(lines), 0) << asText(lines);
  EXPECT_THAT(asText(lines), HasSubstr("Namespace/agents: user alice (by ClusterRole/errand-requester)"));
  EXPECT_THAT(asText(lines), HasSubstr("every namespace: group admins"));
  EXPECT_THAT(asText(lines), ::testing::Not(HasSubstr("bob"))) << "that namespace is not enrolled";
  EXPECT_THAT(asText(lines), HasSubstr("Namespace/trial: mode warn"));
  EXPECT_THAT(asText(lines), ::testing::Not(HasSubstr("errand-scanner"))) << "it is optional";
}

TEST(Doctor, KnowsThePoliciesOfThisVersion) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(ERRAND_SOURCE_DIR) + "/manifests/admission/policies"))
    if (entry.path().stem() != "kustomization") files.push_back(entry.path().stem());
  EXPECT_THAT(shipped(), ::testing::UnorderedElementsAreArray(files));
}

TEST(Doctor, AMissingPolicyOrBinding) {
  DoctorFacts facts = healthy();
  std::erase(*facts.policies.value, "errand-tokens");
  EXPECT_THAT(faultOf(facts), HasSubstr("there is no ValidatingAdmissionPolicy errand-tokens"));
  facts = healthy();
  facts.bindings.value->front().policy = "another";
  EXPECT_THAT(faultOf(facts), HasSubstr("there is no ValidatingAdmissionPolicyBinding"));
}

TEST(Doctor, ALeaseThatNobodyRenews) {
  DoctorFacts facts = healthy();
  facts.lease.value->renewTime = kNow - Seconds{60};
  EXPECT_THAT(faultOf(facts),
              HasSubstr("errand-operator-1 holds it and last renewed it at 2026-11-24T11:59:00Z"));
  facts.lease = {};
  EXPECT_THAT(faultOf(facts), HasSubstr("no operator holds it"));
}

TEST(Doctor, AProcessThatIsMissingOrNotReady) {
  DoctorFacts facts = healthy();
  facts.deployments[1].found.value->ready = 1;
  EXPECT_THAT(faultOf(facts), HasSubstr("1 of 2 replicas are ready"));
  facts.deployments[1].found = {};
  EXPECT_THAT(faultOf(facts), HasSubstr("there is none in namespace errand-system"));
  facts = healthy();
  facts.deployments[0].found = {};
  EXPECT_EQ(exitOf(diagnose(facts, kNow)), 0) << "the Lease shows that it runs elsewhere";
}

TEST(Doctor, AWebhookWithoutAuthority) {
  DoctorFacts facts = healthy();
  facts.webhooks = {{"MutatingWebhookConfiguration", {.value = WebhooksRead::Webhooks{{""}, false}}}};
  EXPECT_THAT(faultOf(facts), HasSubstr("webhooks[0].clientConfig.caBundle: has no caBundle"));
  facts.webhooks[0].found.value->bundles = {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
  EXPECT_THAT(faultOf(facts), HasSubstr("is no certificate"));
  facts.webhooks[0].found = {};
  EXPECT_THAT(faultOf(facts), HasSubstr("it does not exist"));
}

TEST(Doctor, NamespacesThatAreHalfEnrolled) {
  DoctorFacts facts = healthy();
  facts.bound.value->clear();
  EXPECT_THAT(faultOf(facts), HasSubstr("kubectl errand enroll agents --apply"));
  facts = healthy();
  facts.bound.value->push_back("other");
  EXPECT_THAT(faultOf(facts), HasSubstr("the operator has rights there, and the namespace is not labelled"));
  facts = healthy();
  facts.namespaces.value->push_back(ns("typo", "yes"));
  EXPECT_THAT(faultOf(facts), HasSubstr("\"yes\" is no mode"));
}

TEST(Doctor, IdentitiesAndGrantsThatNeedSomebody) {
  DoctorFacts facts = healthy();
  api::AgentIdentity bot;
  bot.meta.name = "bot";
  bot.meta.ns = "agents";
  bot.status.conditions = {{"Ready", "Conflict", "an account exists", api::ConditionStatus::False, 0, {}}};
  facts.identities.value = {bot};
  EXPECT_THAT(faultOf(facts), HasSubstr("an account exists (Conflict)"));
  facts.identities.value->front().suspended = true;
  EXPECT_EQ(exitOf(diagnose(facts, kNow)), 0);
  facts.identities.value->front().suspended = false;
  facts.identities.value->front().status.conditions = {
      {"Stalled", "NamespaceNotEnforced", "", api::ConditionStatus::True, 0, {}}};
  EXPECT_EQ(exitOf(diagnose(facts, kNow)), 0) << "the namespace has a line of its own";
  facts = healthy();
  api::TaskGrant grant;
  grant.meta.name = "task";
  grant.meta.ns = "agents";
  grant.status.conditions = {{"Stalled", "MayNotBind", "", api::ConditionStatus::True, 0, {}}};
  facts.grants.value = {grant, grant};
  EXPECT_THAT(faultOf(facts), HasSubstr("2 stalled, such as agents/task (MayNotBind)"));
  EXPECT_THAT(textOf(facts), HasSubstr("kubectl errand explain taskgrant/task -n agents"));
}

TEST(Doctor, WhatTheUserMayNotReadIsUnknown) {
  DoctorFacts facts = healthy();
  facts.policies = {.unread = "forbidden"};
  facts.bound = {.unread = "forbidden"};
  const auto lines = diagnose(facts, kNow);
  EXPECT_EQ(exitOf(lines), 2);
  EXPECT_EQ(std::ranges::count(lines, Verdict::Wrong, &CheckLine::verdict), 0) << asText(lines);
}

}  // namespace
}  // namespace errand::cli
