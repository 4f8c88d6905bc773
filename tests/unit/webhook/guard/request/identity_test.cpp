#include "webhook/guard/request/identity.hpp"

#include <gmock/gmock.h>

#include "tests/unit/rules/yaml.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"
#include "webhook/guard/request/authorization.hpp"
#include "webhook/review.hpp"

namespace errand::webhook {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// spec.properties of an AgentIdentity.
YAML::Node schema() {
  const YAML::Node crd =
      YAML::LoadFile(std::string(ERRAND_SOURCE_DIR) + "/crds/errand.dev_agentidentities.yaml");
  return crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
}

struct IdentityGuard : testing::Test {
  ClusterFixture world{true};

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
    return ask(Path::Validate, body.dump(), world);
  }
};

TEST_F(IdentityGuard, TheAuthorMustHoldAllThatIsGiven) {
  EXPECT_TRUE(write(wide()).allowed());
  EXPECT_THAT(
      world.asked(),
      UnorderedElementsAre("carol define agentidentities/triage-bot", "carol bind roles/reader",
                           "carol bind roles/writer", "carol bind clusterroles/view",
                           "carol get secrets/ticketing", "carol grant audiences/https://mcp.example.com"));
  world.answer("bind writer", false);
  world.answer("get ticketing", false);
  const std::string message = write(wide()).message();
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.roles[1]: user \"carol\" may not bind "
                                 "roles.rbac.authorization.k8s.io \"writer\" in namespace \"agents\""));
  EXPECT_THAT(message, HasSubstr("spec.toolClasses[0].access.secrets[0]: user \"carol\" may not get secrets "
                                 "\"ticketing\" in namespace \"agents\""));
  EXPECT_THAT(message, Not(HasSubstr("reader")));
}

TEST_F(IdentityGuard, SixteenRefusalsAreShownAndTheRestCounted) {
  json out = identity();
  for (int i = 0; i < 16; ++i) {
    const std::string name = "s" + std::to_string(i);
    world.answer("get " + name, false);
    out["spec"]["toolClasses"][0]["access"]["secrets"].push_back({{"name", name}});
  }
  EXPECT_THAT(write(out).message(), testing::AllOf(HasSubstr("access.secrets[15]"), Not(HasSubstr("more"))));
  world.answer("grant https://mcp.example.com", false);
  EXPECT_THAT(write(out).message(),
              testing::AllOf(Not(HasSubstr("access.audiences[0]")), HasSubstr("\nand 1 more")));
}

// A thousand names cost the API server no thousand questions where the first are answered with no.
TEST_F(IdentityGuard, AFewQuestionsArePutAtATimeAndNoneAfterARefusal) {
  json large = identity();
  std::vector<std::string> names;
  for (int i = 0; i < 16; ++i) {
    json c = large["spec"]["toolClasses"][0];
    c["name"] = "c" + std::to_string(i);
    c.erase("slot");
    c["access"] = json::object();
    for (int k = 0; k < 16; ++k) {
      names.push_back("r" + std::to_string(i) + "-" + std::to_string(k));
      c["access"]["roles"].push_back({{"name", names.back()}});
    }
    if (i == 0) large["spec"]["toolClasses"] = json::array();
    large["spec"]["toolClasses"].push_back(c);
  }
  const auto asks = [&] {
    json body = json::parse(admission(large, "carol"));
    body["request"]["resource"] = {
        {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
    return review(Path::Validate, body.dump(), world, kSettings, kNow)->asks;
  };
  for (const std::string& name : names) world.answer("bind " + name, std::nullopt);
  const auto first = asks();
  ASSERT_EQ(first.size(), Authorization::kAtOnce);
  for (const auto& question : first) {
    EXPECT_EQ(&*question.who, &*first[0].who) << "one requester for all";
    world.answer("bind " + question.name, true);
  }
  const auto second = asks();
  ASSERT_EQ(second.size(), Authorization::kAtOnce);
  EXPECT_NE(second[0].name, first[0].name);
  world.answer("bind " + second[0].name, false);
  EXPECT_TRUE(asks().empty());
}

// An identity with as many roles as the schema admits.
json withRoles(int classes, int roles) {
  json out = identity();
  json one = out["spec"]["toolClasses"][0];
  one.erase("slot");
  out["spec"]["toolClasses"] = json::array();
  for (int i = 0; i < classes; ++i) {
    one["name"] = "c" + std::to_string(i);
    one["access"] = json::object();
    for (int k = 0; k < roles; ++k)
      one["access"]["roles"].push_back({{"name", "r" + std::to_string(i) + "-" + std::to_string(k)}});
    out["spec"]["toolClasses"].push_back(one);
  }
  return out;
}

TEST_F(IdentityGuard, AFewRolesAreReadAtATimeAndNoneAfterARefusal) {
  const json large = withRoles(16, 16);
  for (int i = 0; i < 16; ++i)
    for (int k = 0; k < 16; ++k)
      world.addRole("r" + std::to_string(i) + "-" + std::to_string(k), std::nullopt);
  const auto first = write(large).outcome.roles;
  ASSERT_EQ(first.size(), Authorization::kAtOnce);
  for (const RoleKey& key : first) world.addRole(key.role.name, std::vector<api::PolicyRule>());
  const auto second = write(large).outcome.roles;
  ASSERT_EQ(second.size(), Authorization::kAtOnce);
  EXPECT_NE(second[0].role.name, first[0].role.name);
  world.addRole(second[0].role.name, std::vector<api::PolicyRule>{{{""}, {"secrets"}, {"get"}}});
  const Reply reply = write(large);
  EXPECT_TRUE(reply.outcome.roles.empty());
  EXPECT_THAT(reply.message(), HasSubstr("[SC302] Role \"" + second[0].role.name + "\""));
}

TEST_F(IdentityGuard, SixteenDangerousRolesAreShownAndTheRestCounted) {
  const json large = withRoles(2, 16);
  const auto dangerous = [&](int i, int k) {
    world.addRole("r" + std::to_string(i) + "-" + std::to_string(k),
                  std::vector<api::PolicyRule>{{{""}, {"secrets"}, {"get"}}});
  };
  for (int k = 0; k < 16; ++k) dangerous(0, k);
  EXPECT_THAT(write(large).message(),
              testing::AllOf(HasSubstr("toolClasses[0].access.roles[15]"), Not(HasSubstr("more"))));
  dangerous(1, 0);
  dangerous(1, 1);
  EXPECT_THAT(write(large).message(),
              testing::AllOf(Not(HasSubstr("toolClasses[1]")), HasSubstr("\nand 2 more")));
}

TEST_F(IdentityGuard, WhoIsLargerThanAnyUserIsRefusedWithoutAQuestion) {
  const auto as = [&](size_t bytes) {
    json body = json::parse(admission(identity(), "carol"));
    body["request"]["resource"] = {
        {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
    body["request"]["userInfo"]["groups"] = {std::string(bytes, 'g')};
    return ask(Path::Validate, body.dump(), world);
  };
  EXPECT_TRUE(as(60'000).allowed());
  const size_t asked = world.asked().size();
  EXPECT_THAT(as(70'000).message(),
              HasSubstr("request.userInfo: names no user, or says more of one than 65536 bytes"));
  EXPECT_EQ(world.asked().size(), asked);
}

TEST_F(IdentityGuard, MoreThanTheSchemaCouldHoldIsRefusedUnread) {
  const auto classes = schema()["toolClasses"];
  const auto access = classes["items"]["properties"]["access"]["properties"];
  const auto with = [](const std::string& list, size_t count) {
    json out = identity();
    json& to = out["spec"]["toolClasses"][0]["access"][list] = json::array();
    for (size_t i = 0; i < count; ++i) {
      const std::string name = "n" + std::to_string(i);
      to.push_back(list == "audiences" ? json{{"name", name}, {"file", name}} : json{{"name", name}});
    }
    return out;
  };
  for (const auto& list : access) {
    const std::string name = list.first.Scalar();
    const size_t most = list.second["maxItems"].as<size_t>();
    EXPECT_TRUE(write(with(name, most)).allowed()) << name;
    const size_t asked = world.asked().size();
    EXPECT_THAT(
        write(with(name, most + 1)).message(),
        HasSubstr("spec.toolClasses: 16 classes, and in each 16 roles, clusterRoles and secrets and 8 "
                  "audiences, are the most"))
        << name;
    EXPECT_EQ(world.asked().size(), asked) << name;
  }
  json many = identity();
  const json one = with("roles", 0)["spec"]["toolClasses"][0];
  for (size_t i = 1; i < classes["maxItems"].as<size_t>(); ++i) {
    many["spec"]["toolClasses"].push_back(one);
    many["spec"]["toolClasses"].back()["name"] = "c" + std::to_string(i);
    many["spec"]["toolClasses"].back().erase("slot");
  }
  EXPECT_TRUE(write(many).allowed()) << write(many).message();
  many["spec"]["toolClasses"].push_back(many["spec"]["toolClasses"].back());
  many["spec"]["toolClasses"].back()["name"] = "more";
  EXPECT_THAT(write(many).message(), HasSubstr("are the most"));

  json large = identity();
  for (int i = 0; i < 70'000; ++i) large["spec"]["toolClasses"][0]["access"]["roles"].push_back(0);
  json body = json::parse(admission(large, "carol"));
  body["request"]["resource"] = {
      {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
  EXPECT_THAT(review(Path::Validate, body.dump(), world, kSettings, kNow).error().message,
              HasSubstr("request.object is too much"));
}

TEST_F(IdentityGuard, OnlyWhatIsNewIsAskedFor) {
  EXPECT_TRUE(write(wide(), identity()).allowed());
  EXPECT_THAT(world.asked(),
              UnorderedElementsAre("carol define agentidentities/triage-bot", "carol bind roles/writer",
                                   "carol bind clusterroles/view", "carol get secrets/ticketing"));
}

TEST_F(IdentityGuard, AnAuthorWithoutDefineOpensNothing) {
  world.answer("define triage-bot", false);
  const std::string message = write(identity()).message();
  EXPECT_THAT(message, HasSubstr("metadata.name: user \"carol\" may not define agentidentities.errand.dev "
                                 "\"triage-bot\" in namespace \"agents\""));
  EXPECT_THAT(message, HasSubstr("ClusterRole errand-author"));
  json another = identity();
  another["spec"]["toolClasses"].push_back({{"name", "empty"}, {"risk", "Low"}, {"maxDuration", "1h"}});
  for (const json& more : {wide(), another}) EXPECT_FALSE(write(more, identity()).allowed());
  for (const json& less : {identity(), wide()}) EXPECT_TRUE(write(less, wide()).allowed());
}

TEST_F(IdentityGuard, AnAudienceIsGivenByWhoeverMayGrantIt) {
  json more = identity();
  json& audiences = more["spec"]["toolClasses"][0]["access"]["audiences"];
  audiences.push_back({{"name", "sts.amazonaws.com"}, {"file", "aws"}});
  EXPECT_TRUE(write(more, identity()).allowed());
  EXPECT_THAT(world.asked(), UnorderedElementsAre("carol define agentidentities/triage-bot",
                                                  "carol grant audiences/sts.amazonaws.com"));
  world.answer("grant sts.amazonaws.com", false);
  EXPECT_THAT(
      write(more, identity()).message(),
      testing::AllOf(HasSubstr("spec.toolClasses[0].access.audiences[1]: user \"carol\" may not grant "
                               "audiences.errand.dev \"sts.amazonaws.com\""),
                     HasSubstr("resourceNames: [\"sts.amazonaws.com\"], verbs: [grant]")));
  EXPECT_TRUE(write(identity(), more).allowed());
  EXPECT_TRUE(write(more, more).allowed()) << "what stands there keeps nobody from mending the rest";
}

std::vector<api::PolicyRule> patches(const std::string& group, const std::string& resource) {
  return {{{""}, {"configmaps"}, {"get"}}, {{group}, {resource}, {"get", "patch"}}};
}

// Checks the roles that `wide()` adds to identity().
TEST_F(IdentityGuard, ARoleThatIsDangerousMustBeAccepted) {
  world.addRole("writer", patches("", "secrets"));
  world.addRole("view", patches("apps", "deployments"));
  const std::string message = write(wide()).message();
  EXPECT_THAT(message,
              HasSubstr("spec.toolClasses[0].access.roles[1]: [SC302] Role \"writer\" allows \"get\" on "
                        "\"secrets\": its answers hold the values of Secrets (rules[1]); name a role without "
                        "that, or let the tool class accept it by {name: writer, dangerous: Accepted}. See "
                        "docs/rules/SC302.md"));
  EXPECT_THAT(message,
              HasSubstr("spec.toolClasses[0].access.clusterRoles[0]: [SC302] ClusterRole \"view\" allows "
                        "\"patch\" on \"deployments.apps\""));
  EXPECT_FALSE(write(wide(), identity()).allowed()) << "an update that names it";
  json accepted = wide();
  json& access = accepted["spec"]["toolClasses"][0]["access"];
  access["roles"][1]["dangerous"] = "Accepted";
  EXPECT_THAT(write(accepted).message(), testing::AllOf(HasSubstr("view"), Not(HasSubstr("writer"))));
  access["clusterRoles"][0]["dangerous"] = "Accepted";
  EXPECT_TRUE(write(accepted).allowed());
}

TEST_F(IdentityGuard, WhatARoleHasBecomeKeepsNobodyFromMendingTheRest) {
  world.addRole("writer", patches("", "secrets"));
  EXPECT_TRUE(write(identity(), wide()).allowed());
  EXPECT_TRUE(write(wide(), wide()).allowed());
  json longer = wide();
  longer["spec"]["toolClasses"][0]["maxDuration"] = "2h";
  EXPECT_FALSE(write(longer, wide()).allowed()) << "but what opens the class gives all of it anew";
}

TEST_F(IdentityGuard, ToAcceptADangerGivesMoreThanBefore) {
  json accepted = wide();
  accepted["spec"]["toolClasses"][0]["access"]["roles"][1]["dangerous"] = "Accepted";
  EXPECT_TRUE(write(accepted, wide()).allowed());
  EXPECT_THAT(world.asked(),
              UnorderedElementsAre("carol define agentidentities/triage-bot", "carol bind roles/writer"));
  world.answer("bind writer", false);
  EXPECT_THAT(write(accepted, wide()).message(),
              HasSubstr("spec.toolClasses[0].access.roles[1]: user \"carol\" may "
                        "not bind"));
  EXPECT_TRUE(write(wide(), accepted).allowed()) << "to refuse it again takes away";
  json refused = wide();
  refused["spec"]["toolClasses"][0]["access"]["roles"][1]["dangerous"] = "Refused";
  EXPECT_TRUE(write(refused, wide()).allowed()) << "the default says nothing else";
}

TEST_F(IdentityGuard, RolesAreReadForWhoMayNameThem) {
  world.addRole("writer", std::nullopt);
  Reply reply = write(wide());
  EXPECT_THAT(reply.message(),
              HasSubstr("spec.toolClasses[0].access.roles[1]: the API server has not shown Role "
                        "\"writer\" in time; try again"));
  ASSERT_EQ(reply.outcome.roles.size(), 1u);
  EXPECT_EQ(reply.outcome.roles[0], (RoleKey{{"Role", "writer"}, "agents"}));
  world.answer("bind writer", false);
  reply = write(wide());
  EXPECT_THAT(reply.outcome.roles, IsEmpty());
  EXPECT_THAT(reply.message(), HasSubstr("may not bind"));
}

TEST_F(IdentityGuard, TakingAwayAsksForNothing) {
  EXPECT_TRUE(write(identity(), wide()).allowed());
  json suspended = wide();
  suspended["spec"]["state"] = "Suspended";
  EXPECT_TRUE(write(suspended, wide()).allowed());
  EXPECT_THAT(world.asked(), IsEmpty());
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
           {"/spec/toolClasses/0/slot",
            "spec.toolClasses[0].slot.secretName",
            {{"secretName", "errand-x"}}}}) {
    json after = before;
    after[json::json_pointer(path)] = value;
    world.forgetAnswers();
    world.answer("bind writer", false);
    EXPECT_THAT(write(after, before).message(), HasSubstr(std::string(field) + " gives more than before"))
        << path;
    EXPECT_THAT(world.asked(), testing::SizeIs(6)) << path;
    world.forgetAnswers();
    EXPECT_TRUE(write(before, after).allowed()) << path;
    EXPECT_THAT(world.asked(), IsEmpty()) << "the other way gives less: " << path;
  }
  json suspended = before;
  suspended["spec"]["state"] = "Suspended";
  world.forgetAnswers();
  EXPECT_TRUE(write(before, suspended).allowed());
  EXPECT_THAT(world.asked(), testing::SizeIs(6)) << "whoever ends a suspension";
}

TEST_F(IdentityGuard, AnotherToolClassIsAnotherHolder) {
  json two = identity();
  two["spec"]["toolClasses"].push_back(two["spec"]["toolClasses"][0]);
  two["spec"]["toolClasses"][1]["name"] = "other";
  two["spec"]["toolClasses"][1].erase("slot");
  EXPECT_TRUE(write(two, identity()).allowed());
  EXPECT_THAT(world.asked(),
              UnorderedElementsAre("carol define agentidentities/triage-bot", "carol bind roles/reader",
                                   "carol grant audiences/https://mcp.example.com"));
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
  world.answer("bind reader", std::nullopt);
  const Reply reply = write(identity());
  EXPECT_FALSE(reply.allowed());
  EXPECT_EQ(reply.outcome.asks.size(), 1u);
}

}  // namespace
}  // namespace errand::webhook
