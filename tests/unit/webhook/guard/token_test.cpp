#include "webhook/guard/token.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::HasSubstr;

const std::string kAccount = api::grantAccountName(kGrantUid);

Time at(std::string_view text) { return parseTime(text).value(); }

json inPhase(std::string_view phase) {
  json out = activeGrant();
  out["status"]["phase"] = phase;
  return out;
}

Reply request(const json& known, std::string_view user = "system:node:n1", Time now = kNow,
              Path path = Path::Validate) {
  ClusterFixture world;
  world.add(identity());
  if (!known.is_null()) world.add(known);
  return ask(path, tokenRequest(kAccount, user), world, now);
}

TEST(Token, OfAnActiveGrantIsMintedForAnybodyWhomTheApiServerLets) {
  EXPECT_TRUE(request(activeGrant()).allowed());
  EXPECT_TRUE(request(activeGrant(), "alice").allowed());
}

TEST(Token, IsMintedWithinTheWindowAlone) {
  const auto minted = [](std::string_view time) {
    return request(activeGrant(), "alice", at(time)).allowed();
  };
  EXPECT_FALSE(minted("2026-11-24T11:58:59.999Z"));
  EXPECT_TRUE(minted("2026-11-24T11:59:00Z")) << "the operator's clock may be a minute ahead";
  EXPECT_TRUE(minted("2026-11-24T12:00:00Z"));
  EXPECT_TRUE(minted("2026-11-24T12:14:59.999Z"));
  EXPECT_FALSE(minted("2026-11-24T12:15:00Z"));
}

TEST(Token, OfAGrantThatWaitsIsRefusedAndAskedForAgain) {
  for (const char* phase : {"Pending", "AwaitingApproval", "Scheduled"}) {
    const Reply reply = request(inPhase(phase));
    EXPECT_FALSE(reply.allowed()) << phase;
    EXPECT_THAT(reply.message(), HasSubstr(std::string("TaskGrant \"inc-1\" is ") + phase));
    ASSERT_TRUE(reply.outcome.needs);
    EXPECT_EQ(reply.outcome.needs->name, "inc-1");
  }
  json fresh = grant();
  fresh.erase("status");
  EXPECT_FALSE(request(fresh).allowed());
}

TEST(Token, OfAGrantThatHasEndedIsRefusedAtOnce) {
  for (const char* phase : {"Completed", "Failed", "Expired", "Revoked", "Denied"}) {
    const Reply reply = request(inPhase(phase));
    EXPECT_FALSE(reply.allowed()) << phase;
    EXPECT_FALSE(reply.outcome.needs) << phase;
  }
  EXPECT_FALSE(request(activeGrant(), "alice", at("2026-11-24T12:15:00Z")).outcome.needs);
}

// The operator may be away, and the status stay what it was.
TEST(Token, OfAGrantThatIsToEndIsRefusedWhateverItsPhase) {
  json revoked = activeGrant();
  revoked["spec"]["revoke"] = {{"reason", "wrong cluster"}};
  Reply reply = request(revoked);
  EXPECT_THAT(reply.message(),
              HasSubstr("TaskGrant \"inc-1\" ends: revoked: wrong cluster; create another grant"));
  EXPECT_FALSE(reply.outcome.needs);
  json deleted = activeGrant();
  deleted["metadata"]["deletionTimestamp"] = "2026-11-24T12:04:00Z";
  reply = request(deleted);
  EXPECT_THAT(reply.message(),
              HasSubstr("TaskGrant \"inc-1\" ends: the grant was deleted; create another grant"));
  EXPECT_FALSE(reply.outcome.needs);
  EXPECT_TRUE(request(deleted, kOperator).allowed()) << "the probe that proves the end";
}

// Each kill switch holds by what the webhook knows itself.
TEST(Token, OfAnAgentThatIsSwitchedOffIsRefusedWhileTheOperatorIsAway) {
  const auto refusedFor = [](const json& identity, const json& ns) {
    ClusterFixture world;
    api::PartialObject object = api::decode<api::PartialObject>(ns).value();
    world.add(std::move(object));
    if (!identity.is_null()) world.add(identity);
    world.add(activeGrant());
    const Reply reply = ask(Path::Validate, tokenRequest(kAccount, "system:node:n1"), world, kNow);
    return reply.allowed() ? std::string() : reply.message();
  };
  const json enforced = {
      {"metadata", {{"name", "agents"}, {"uid", "n"}, {"labels", {{"errand.dev/enforce", "true"}}}}}};
  json off = enforced, terminating = enforced, paused = enforced;
  off["metadata"]["labels"].clear();
  terminating["metadata"]["deletionTimestamp"] = "2026-11-24T12:04:00Z";
  paused["metadata"]["labels"]["errand.dev/suspended"] = "true";
  EXPECT_EQ(refusedFor(identity(), enforced), "");
  json suspended = identity();
  suspended["spec"]["state"] = "Suspended";
  EXPECT_THAT(refusedFor(suspended, enforced), HasSubstr("IdentitySuspended"));
  json expired = identity();
  expired["spec"]["expiresAt"] = "2026-11-24T12:04:59Z";
  EXPECT_THAT(refusedFor(expired, enforced), HasSubstr("IdentityExpired"));
  json narrow = identity();
  narrow["spec"]["toolClasses"][0]["access"]["roles"] = json::array();
  EXPECT_THAT(refusedFor(narrow, enforced), HasSubstr("CeilingLowered"));
  EXPECT_THAT(refusedFor(nullptr, enforced), HasSubstr("IdentityDeleted"));
  EXPECT_THAT(refusedFor(identity(), paused), HasSubstr("NamespaceSuspended"));
  EXPECT_THAT(refusedFor(identity(), off), HasSubstr("NamespaceNotEnforced"));
  EXPECT_THAT(refusedFor(identity(), terminating), HasSubstr("NamespaceTerminating"));
}

TEST(Token, OfAGrantWhoseParentEndedIsRefused) {
  ClusterFixture world;
  world.add(identity());
  json child = activeGrant(), parent = activeGrant();
  child["spec"]["parentRef"] = {{"name", "above"}, {"relation", "Delegation"}};
  child["status"]["parent"] = {{"uid", "above-uid"}};
  parent["metadata"]["name"] = "above";
  parent["metadata"]["uid"] = "above-uid";
  world.add(child);
  const auto refused = [&](std::string_view because) {
    world.add(parent);
    const Reply reply = ask(Path::Validate, tokenRequest(kAccount, "system:node:n1"), world, kNow);
    if (because.empty()) {
      EXPECT_TRUE(reply.allowed());
    } else {
      EXPECT_THAT(reply.message(), HasSubstr(std::string(because)));
    }
  };
  refused("");
  parent["metadata"]["uid"] = "replaced-uid";
  refused("grant above was replaced");
  parent["metadata"]["uid"] = "above-uid";
  parent["spec"]["revoke"] = {{"reason", "x"}};
  refused("grant above has ended");
}

TEST(Token, ActiveWithoutAWindowIsNotEnough) {
  for (const char* field : {"startedAt", "endsAt"}) {
    json half = activeGrant();
    half["status"].erase(field);
    EXPECT_FALSE(request(half).allowed()) << field;
  }
}

TEST(Token, OfAnUnknownAccountIsLookedForInTheNamespace) {
  const Reply reply = request(nullptr);
  EXPECT_THAT(reply.message(), HasSubstr("it belongs to no TaskGrant"));
  ASSERT_TRUE(reply.outcome.needs);
  EXPECT_EQ(reply.outcome.needs->ns, "agents");
  EXPECT_EQ(reply.outcome.needs->name, "");
}

TEST(Token, TheOperatorMintsBeforeTheStartAndProbesAfterTheEnd) {
  EXPECT_TRUE(request(grant(), kOperator).allowed());
  EXPECT_TRUE(request(inPhase("Revoked"), kOperator).allowed());
  EXPECT_TRUE(request(nullptr, kOperator).allowed());
}

TEST(Token, OfOtherAccountsIsNotItsConcern) {
  for (const char* account : {"default", "errand-a.triage-bot.planner", ""})
    EXPECT_TRUE(ask(Path::Validate, tokenRequest(account, "alice"), ClusterFixture()).allowed());
  EXPECT_TRUE(request(nullptr, "alice", kNow, Path::Mutate).allowed());
}

}  // namespace
}  // namespace errand::webhook
