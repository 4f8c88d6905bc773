// The order of a plan's lists, and what a failure holds up.
#include "operator/apply/order.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace errand::apply {
namespace {

using testing::ElementsAre;

std::string nameOf(const plan::Action& action) {
  if (const auto* removal = std::get_if<plan::Delete>(&action)) return removal->name;
  if (const auto* run = std::get_if<plan::EndRun>(&action)) return run->name;
  if (std::holds_alternative<plan::AddFinalizer>(action)) return "finalizer";
  if (std::holds_alternative<plan::CheckLease>(action)) return "check";
  if (std::holds_alternative<plan::MintProbe>(action)) return "probe";
  if (std::holds_alternative<plan::LiftGate>(action)) return "gate";
  return std::holds_alternative<plan::ReviewToken>(action) ? "review" : "?";
}

plan::Plan everything() {
  plan::Plan p;
  p.endRuns = {{api::kJobs, "job", "j"}, {api::kPods, "pod", "p"}};
  p.bookkeeping = {plan::ReviewToken{}};
  p.grant = {plan::LiftGate{"p", "u", 0, {}}};
  p.revokeAccounts = {plan::MintProbe{"a"}, plan::Delete{api::kServiceAccounts, "account", "a"}};
  p.revokeSecrets = {{api::kSecrets, "secret", "s"}};
  p.revokeRights = {{api::kRoleBindings, "right1", "1"}, {api::kRoleBindings, "right2", "2"}};
  p.prepare = {plan::AddFinalizer{}, plan::CheckLease{"x"}};
  return p;
}

// The actions that are tried, with the report of the rights among them, if those of the given names fail.
std::vector<std::string> tried(const plan::Plan& p, const std::vector<std::string>& failing = {}) {
  std::vector<std::string> out;
  inOrder(
      p,
      [&](const plan::Action& action) {
        out.push_back(nameOf(action));
        return std::ranges::find(failing, out.back()) == failing.end();
      },
      [&](bool ok) { out.push_back(ok ? "rights gone" : "rights left"); });
  return out;
}

TEST(Order, RevocationComesBeforeGivingAndRunsEndLast) {
  EXPECT_THAT(tried(everything()), ElementsAre("finalizer", "check", "right1", "right2", "rights gone",
                                               "secret", "probe", "account", "gate", "review", "job", "pod"));
}

TEST(Order, AFailureStopsWhatGivesAndNothingThatRevokes) {
  EXPECT_THAT(tried(everything(), {"finalizer"}), ElementsAre("finalizer", "right1", "right2", "rights left",
                                                              "secret", "probe", "account", "job", "pod"));
  EXPECT_THAT(tried(everything(), {"right1", "probe", "job"}),
              ElementsAre("finalizer", "check", "right1", "right2", "rights left", "secret", "probe",
                          "account", "job", "pod"));
  EXPECT_THAT(tried(everything(), {"secret"}),
              ElementsAre("finalizer", "check", "right1", "right2", "rights gone", "secret", "probe",
                          "account", "job", "pod"));
  EXPECT_THAT(tried(everything(), {"gate"}),
              ElementsAre("finalizer", "check", "right1", "right2", "rights gone", "secret", "probe",
                          "account", "gate", "job", "pod"));
}

TEST(Order, WithoutRightsNothingIsReportedOfThem) {
  plan::Plan p;
  p.revokeSecrets = {{api::kSecrets, "secret", "s"}};
  EXPECT_THAT(tried(p), ElementsAre("secret"));
}

}  // namespace
}  // namespace errand::apply
