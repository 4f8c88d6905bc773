#include "operator/guards/probes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::guards {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

json denial(const std::string& policy) {
  return {{"kind", "Status"},
          {"code", 403},
          {"reason", "Forbidden"},
          {"message", "x is forbidden: ValidatingAdmissionPolicy '" + policy + "' with binding '" + policy +
                          "' denied request: no"}};
}

struct ProbesTest : testing::Test {
  kube::FakeTransport first, second;
  std::vector<kube::Client> servers{kube::Client(first), kube::Client(second)};
  const Specs specs{{{std::string(kPolicy), "errand-status-tampering"}, {}},
                    {{std::string(kPolicy), "errand-guard-record"}, {}}};
  const std::vector<Probe> probes = probesOf(specs, "errand-system");

  void refuses(kube::FakeTransport& server) const {
    for (const Probe& one : probes) server.answer(403, denial(one.policy).dump());
  }
  ProbeResult run() { return probe(probes, servers, Sensitive("token")); }
};

// errand-tokens refuses nothing without an agent's account that exists.
TEST(ProbesOfTest, EachShippedPolicyIsTriedWhereThatIsPossible) {
  std::set<std::string> untried, tried;
  const Specs all = shipped("errand-system");
  for (const Probe& one : probesOf(all, "errand-system")) {
    tried.insert(one.policy);
    EXPECT_TRUE(json::accept(one.attempt.body)) << one.policy;
  }
  for (const auto& [id, spec] : all)
    if (id.kind == kPolicy && !tried.contains(id.name)) untried.insert(id.name);
  EXPECT_THAT(untried, ElementsAre("errand-owners", "errand-tokens"));
}

TEST_F(ProbesTest, WithoutAServerOrAProbeNothingIsKnown) {
  EXPECT_EQ(probe(probes, {}, Sensitive("token")).result, ProbeResult::Result::Unknown);
  EXPECT_EQ(probe({}, servers, Sensitive("token")).result, ProbeResult::Result::Unknown);
}

TEST_F(ProbesTest, EachIsADryRunOfTheProbesAccountAtEachServer) {
  refuses(first);
  refuses(second);
  EXPECT_EQ(run().result, ProbeResult::Result::Refused);
  ASSERT_EQ(first.seen.size(), 2U);
  ASSERT_EQ(second.seen.size(), 2U);
  for (const auto* server : {&first, &second})
    for (const kube::Seen& seen : server->seen) {
      EXPECT_THAT(seen.line, HasSubstr("?dryRun=All"));
      EXPECT_EQ(seen.bearer, "token");
    }
  EXPECT_THAT(first.seen[0].line,
              StartsWith("POST /apis/errand.dev/v1alpha1/namespaces/errand-system/agentidentities"));
  EXPECT_EQ(json::parse(first.seen[0].body)["metadata"]["finalizers"], json({"errand.dev/revoke"}));
  EXPECT_TRUE(json::parse(first.seen[0].body)["spec"]["toolClasses"].is_array());
}

TEST_F(ProbesTest, OneServerThatAdmitsIsEnough) {
  refuses(first);
  second.answer(403, denial("errand-status-tampering").dump());
  second.answer(201, "{}");
  const ProbeResult p = run();
  EXPECT_EQ(p.result, ProbeResult::Result::Admitted);
  EXPECT_EQ(p.policy, "errand-guard-record");
}

TEST_F(ProbesTest, AnAdmissionCountsWhereAnotherServerIsAway) {
  first.fail(ErrorKind::Unavailable);
  first.fail(ErrorKind::Unavailable);
  second.answer(201, "{}");
  EXPECT_EQ(run().result, ProbeResult::Result::Admitted);
}

TEST_F(ProbesTest, ARefusalForAnotherReasonProvesNothing) {
  refuses(first);
  second.answer(403, denial("somebody-elses").dump());
  second.answer(403, denial("errand-guard-record").dump());
  ProbeResult p = run();
  EXPECT_EQ(p.result, ProbeResult::Result::Unknown);
  EXPECT_THAT(p.problem, HasSubstr("somebody-elses"));
  refuses(first);
  second.fail(ErrorKind::Timeout, "no answer");
  second.answer(403, denial("errand-guard-record").dump());
  p = run();
  EXPECT_EQ(p.result, ProbeResult::Result::Unknown);
  EXPECT_THAT(p.problem, HasSubstr("no answer"));
}

}  // namespace
}  // namespace errand::guards
