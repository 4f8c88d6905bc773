#include "webhook/guard/request/identity.hpp"

#include <gmock/gmock.h>

#include "tests/unit/webhook/world.hpp"

namespace errand::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct IdentityGuard : testing::Test {
  Authorizer authorizer;
  World world;

  static json wide() {
    json out = identity();
    json& access = out["spec"]["toolClasses"][0]["access"];
    access["roles"] = {{{"name", "reader"}}, {{"name", "writer"}}};
    access["clusterRoles"] = {{{"name", "view"}}};
    access["secrets"] = {{{"name", "ticketing"}}};
    return out;
  }
  Reply write(const json& object, const json& old = nullptr) const {
    json body = json::parse(admission(object, "carol", old.is_null() ? "CREATE" : "UPDATE", "", old));
    body["request"]["resource"] = {
        {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
    return ask(Path::Validate, body.dump(), world.views(), kNow, authorizer.views());
  }
};

TEST_F(IdentityGuard, TheAuthorMustBindEachRoleAndReadEachSecret) {
  EXPECT_TRUE(write(wide()).allowed());
  EXPECT_THAT(authorizer.asked(),
              UnorderedElementsAre("carol bind roles/reader", "carol bind roles/writer",
                                   "carol bind clusterroles/view", "carol get secrets/ticketing"));
  authorizer.answer("bind writer", false);
  authorizer.answer("get ticketing", false);
  const std::string message = write(wide()).message();
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.roles[1]: user \"carol\" may not bind "
                                 "roles.rbac.authorization.k8s.io \"writer\" in namespace \"agents\""));
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.secrets[0]: user \"carol\" may not get secrets "
                                 "\"ticketing\" in namespace \"agents\""));
  EXPECT_THAT(message, Not(HasSubstr("reader")));
}

TEST_F(IdentityGuard, SixteenRefusalsAreShownAndTheRestCounted) {
  const auto refusedFor = [&](int secrets) {
    json out = identity();
    for (int i = 0; i < secrets; ++i) {
      const std::string name = "s" + std::to_string(i);
      authorizer.answer("get " + name, false);
      out["spec"]["toolClasses"][0]["access"]["secrets"].push_back({{"name", name}});
    }
    return write(out).message();
  };
  EXPECT_THAT(refusedFor(16), testing::AllOf(HasSubstr("access.secrets[15]"), Not(HasSubstr("more"))));
  EXPECT_THAT(refusedFor(17),
              testing::AllOf(Not(HasSubstr("access.secrets[16]")), HasSubstr("\nand 1 more")));
}

TEST_F(IdentityGuard, OnlyWhatIsNewIsAskedFor) {
  EXPECT_TRUE(write(wide(), identity()).allowed());
  EXPECT_THAT(authorizer.asked(),
              UnorderedElementsAre("carol bind roles/writer", "carol bind clusterroles/view",
                                   "carol get secrets/ticketing"));
}

TEST_F(IdentityGuard, TakingAwayAsksForNothing) {
  EXPECT_TRUE(write(identity(), wide()).allowed());
  json suspended = wide();
  suspended["spec"]["state"] = "Suspended";
  EXPECT_TRUE(write(suspended, wide()).allowed());
  EXPECT_THAT(authorizer.asked(), IsEmpty());
}

// As if what is there were given anew: by more pods, for longer, without the person who had to say yes.
TEST_F(IdentityGuard, WhoOpensAnIdentityIsAskedForAllOfIt) {
  json before = wide();
  before["spec"]["expiresAt"] = "2027-01-01T00:00:00Z";
  before["spec"]["podSelector"] = {{"matchLabels", {{"app", "bot"}}}};
  json& c = before["spec"]["toolClasses"][0];
  c["risk"] = c["minimumRisk"] = "Medium";
  c.erase("slot");
  c["maxDuration"] = "1h";
  c["maxActiveGrants"] = 4;
  c["approval"] = {{"required", 1}};
  struct Case {
    const char *path, *field;
    json value;
  };
  for (const auto& [path, field, value] : std::initializer_list<Case>{
           {"/spec/podSelector", "spec.podSelector", json::object()},
           {"/spec/expiresAt", "spec.expiresAt", "2028-01-01T00:00:00Z"},
           {"/spec/toolClasses/0/risk", "spec.toolClasses[0].risk", "High"},
           {"/spec/toolClasses/0/minimumRisk", "spec.toolClasses[0].minimumRisk", "Low"},
           {"/spec/toolClasses/0/maxDuration", "spec.toolClasses[0].maxDuration", "2h"},
           {"/spec/toolClasses/0/maxActiveGrants", "spec.toolClasses[0].maxActiveGrants", 5},
           {"/spec/toolClasses/0/approval/required", "spec.toolClasses[0].approval.required", 0},
           {"/spec/toolClasses/0/slot", "spec.toolClasses[0].slot.secretName", {{"secretName", "errand-x"}}},
           {"/spec/toolClasses/0/access/audiences",
            "spec.toolClasses[0].access.audiences",
            {c["access"]["audiences"][0], {{"name", "https://new"}, {"file", "new"}}}}}) {
    json after = before;
    after[json::json_pointer(path)] = value;
    authorizer = Authorizer();
    authorizer.answer("bind writer", false);
    EXPECT_THAT(write(after, before).message(), HasSubstr(std::string(field) + " gives more than before"))
        << path;
    EXPECT_THAT(authorizer.asked(), testing::SizeIs(4)) << path;
    authorizer = Authorizer();
    EXPECT_TRUE(write(before, after).allowed()) << path;
    EXPECT_THAT(authorizer.asked(), IsEmpty()) << "the other way gives less: " << path;
  }
  json suspended = before;
  suspended["spec"]["state"] = "Suspended";
  authorizer = Authorizer();
  EXPECT_TRUE(write(before, suspended).allowed());
  EXPECT_THAT(authorizer.asked(), testing::SizeIs(4)) << "whoever ends a suspension";
}

TEST_F(IdentityGuard, AnotherToolClassIsAnotherHolder) {
  json two = identity();
  two["spec"]["toolClasses"].push_back(two["spec"]["toolClasses"][0]);
  two["spec"]["toolClasses"][1]["name"] = "other";
  two["spec"]["toolClasses"][1].erase("slot");
  EXPECT_TRUE(write(two, identity()).allowed());
  EXPECT_THAT(authorizer.asked(), ElementsAre("carol bind roles/reader"));
}

json named(const char* name, const char* slot) {
  json out = identity();
  out["metadata"]["name"] = name;
  json& toolClass = out["spec"]["toolClasses"][0];
  toolClass["name"] = "greedy";
  toolClass.erase("slot");
  if (slot != nullptr) toolClass["slot"] = {{"secretName", slot}};
  return out;
}

// Pods of both would be given what one is granted.
TEST_F(IdentityGuard, ASlotIsOneIdentitysAlone) {
  world.add(identity());
  for (const char* name : {"aaa", "zzz"}) {
    const json claims = named(name, "errand-triage-planner");
    for (const json& old : {json(), named(name, nullptr), named(name, "errand-own")})
      EXPECT_THAT(
          write(claims, old).message(),
          HasSubstr("spec.toolClasses[0].slot.secretName: \"errand-triage-planner\" is the slot of tool "
                    "class \"planner\" of AgentIdentity \"triage-bot\"; choose a name that no other has"))
          << name;
    EXPECT_TRUE(write(named(name, "errand-own")).allowed());
    EXPECT_TRUE(write(named(name, nullptr)).allowed());
    EXPECT_TRUE(write(claims, claims).allowed()) << "what stands there keeps nobody from mending the rest";
  }
  EXPECT_TRUE(write(identity(), identity()).allowed());
  EXPECT_TRUE(write(identity()).allowed()) << "deleted, and the cache has not heard of it";
}

// Its pods still mount it, and run as what they were.
TEST_F(IdentityGuard, ASlotDoesNotGoFromOneClassToAnother) {
  json before = identity();
  before["spec"]["toolClasses"].push_back(before["spec"]["toolClasses"][0]);
  before["spec"]["toolClasses"][1]["name"] = "fixer";
  before["spec"]["toolClasses"][1]["slot"]["secretName"] = "errand-triage-fixer";
  json swapped = before;
  std::swap(swapped["spec"]["toolClasses"][0]["slot"], swapped["spec"]["toolClasses"][1]["slot"]);
  const std::string message = write(swapped, before).message();
  EXPECT_THAT(message,
              HasSubstr("spec.toolClasses[0].slot.secretName: \"errand-triage-fixer\" was the slot of "
                        "tool class \"fixer\", whose pods may still mount it; choose a name that no "
                        "other has"));
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[1].slot.secretName: \"errand-triage-planner\" was"));
  json reordered = before;
  std::swap(reordered["spec"]["toolClasses"][0], reordered["spec"]["toolClasses"][1]);
  EXPECT_TRUE(write(reordered, before).allowed());
}

TEST_F(IdentityGuard, AnAnswerThatIsNotThereIsARefusalThatAsks) {
  authorizer.answer("bind reader", std::nullopt);
  const Reply reply = write(identity());
  EXPECT_FALSE(reply.allowed());
  EXPECT_EQ(reply.outcome.asks.size(), 1u);
}

}  // namespace
}  // namespace errand::webhook
