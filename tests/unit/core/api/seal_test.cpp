// The seal: each part that it covers is changed in turn, and the seal must break.
#include "core/api/seal.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace errand::api {
namespace {

const Time kNow = *parseTime("2026-11-24T12:00:00Z");
const std::string kNonce = "0a1b2c3d-0000-0000-0000-000000000001";

struct SealTest : testing::Test {
  SigningKey key = SigningKey::make().value();
  VerifyingKeys keys = VerifyingKeys::read(key.publicPem()).value();
  Requester alice{"alice", "u-1", {"dev", "system:authenticated"}, {{"example.com/team", {"a", "b"}}}};
  TaskGrant grant;

  SealTest() {
    grant.meta.ns = "agents";
    grant.meta.name = "inc-1";
    grant.spec.agentIdentity = "bot";
    grant.spec.toolClass = "fixer";
    grant.spec.task = {"restart", "INC-1", "", Risk::High, {{"environment", "prod"}}};
    grant.spec.workload = {WorkloadKind::Job, "fix"};
    grant.spec.access.roles = {"reader"};
    grant.spec.window.duration = Seconds{900};
  }

  TaskGrant sealed() const {
    TaskGrant out = grant;
    out.meta.annotations.merge(seal(grant, alice, key, kNonce, kNow).value());
    return out;
  }

  std::string reason(const TaskGrant& g) const {
    const auto checked = checkSeal(g, keys);
    return checked ? "" : checked.error().reason;
  }
};

TEST_F(SealTest, WhatWasSealedIsReadBack) {
  TaskGrant g = sealed();
  g.meta.uid = "uid";
  g.meta.labels = {{"any", "label"}};
  g.status.phase = Phase::Active;
  g.spec.revokeReason = "enough";
  const auto checked = checkSeal(g, keys);
  ASSERT_TRUE(checked.has_value()) << checked.error().message;
  EXPECT_EQ(checked->requester, alice);
  EXPECT_EQ(checked->nonce, kNonce);
  EXPECT_EQ(checked->at, kNow);
}

TEST_F(SealTest, ADefaultThatIsWrittenOutIsTheSameAsNone) {
  const TaskGrant g = sealed();
  auto stored = encode(g.spec);
  EXPECT_TRUE(stored.contains("delivery") && stored.contains("ttlSecondsAfterFinished"));
  EXPECT_EQ(canonical(g.spec).find("delivery"), std::string::npos);
  EXPECT_EQ(canonical(g.spec).find("ttlSeconds"), std::string::npos);
}

TEST_F(SealTest, EveryFieldOfTheSpecIsCovered) {
  const std::function<void(TaskGrantSpec&)> changes[] = {
      [](auto& s) { s.agentIdentity = "other"; },
      [](auto& s) { s.toolClass = "other"; },
      [](auto& s) { s.task.intent = "other"; },
      [](auto& s) { s.task.reference = "other"; },
      [](auto& s) { s.task.planDigest = "sha256:0"; },
      [](auto& s) { s.task.risk = Risk::Low; },
      [](auto& s) { s.task.attributes["environment"] = "dev"; },
      [](auto& s) { s.workload.kind = WorkloadKind::Pod; },
      [](auto& s) { s.workload.name = "other"; },
      [](auto& s) { s.access.roles = {"writer"}; },
      [](auto& s) { s.access.clusterRoles = {"view"}; },
      [](auto& s) { s.access.audiences = {"a"}; },
      [](auto& s) { s.access.secrets = {"a"}; },
      [](auto& s) { s.window.duration = Seconds{901}; },
      [](auto& s) { s.window.notBefore = kNow; },
      [](auto& s) { s.window.notAfter = kNow; },
      [](auto& s) { s.delivery = DeliveryMode::Slot; },
      [](auto& s) { s.parent = TaskGrantSpec::Parent{"p", ParentRelation::StepUp}; },
      [](auto& s) { s.ttlSecondsAfterFinished = 1; },
  };
  int index = 0;
  for (const auto& change : changes) {
    TaskGrant g = sealed();
    change(g.spec);
    EXPECT_EQ(reason(g), "SealBroken") << "change " << index;
    ++index;
  }
}

TEST_F(SealTest, PlaceNameAndRequesterAreCovered) {
  TaskGrant g = sealed();
  g.meta.ns = "other";
  EXPECT_EQ(reason(g), "SealBroken");
  g = sealed();
  g.meta.name = "inc-2";
  EXPECT_EQ(reason(g), "SealBroken");
  const std::pair<const char*, const char*> forgeries[] = {
      {"alice", "root"}, {"u-1", "u-2"}, {"\"dev\"", "\"ops\""}, {"\"b\"", "\"c\""}};
  for (const auto& [from, to] : forgeries) {
    g = sealed();
    std::string& who = g.meta.annotations.find(kRequesterAnnotation)->second;
    const size_t at = who.find(from);
    ASSERT_NE(at, who.npos) << from;
    EXPECT_EQ(reason(g), "");
    who.replace(at, std::string_view(from).size(), to);
    EXPECT_EQ(reason(g), "SealBroken") << from;
  }
}

TEST_F(SealTest, TheSealsOwnPartsAreCovered) {
  for (const char* part : {"nonce", "time", "keyID", "signature"}) {
    TaskGrant g = sealed();
    std::string& text = g.meta.annotations.find(kSealAnnotation)->second;
    auto seal = nlohmann::json::parse(text);
    std::string value = seal[part];
    value[0] = value[0] == '0' ? '1' : '0';
    seal[part] = value;
    text = seal.dump();
    EXPECT_NE(reason(g), "") << part;
  }
}

TEST_F(SealTest, AGeneratedNameMustComeFromItsPrefix) {
  grant.meta.name.clear();
  grant.meta.generateName = "inc-";
  TaskGrant g = sealed();
  g.meta.name = "inc-x7k2p";
  EXPECT_EQ(reason(g), "");
  g.meta.name = "other-x7k2p";
  EXPECT_EQ(reason(g), "SealBroken");
  g.meta.name = "inc-x7k2p";
  g.meta.generateName = "in";
  EXPECT_EQ(reason(g), "SealBroken");
}

TEST_F(SealTest, ASealForANameIsNoneForAGeneratedOne) {
  TaskGrant g = sealed();
  g.meta.generateName = "inc-";
  EXPECT_EQ(reason(g), "") << "with a name, generateName decides nothing";
  std::string& text = g.meta.annotations.find(kSealAnnotation)->second;
  auto seal = nlohmann::json::parse(text);
  seal["generated"] = true;
  text = seal.dump();
  EXPECT_EQ(reason(g), "SealBroken");
}

TEST_F(SealTest, WithoutASealOrItsKeyTheWayOutIsSaid) {
  const auto bare = checkSeal(grant, keys);
  ASSERT_FALSE(bare.has_value());
  EXPECT_EQ(bare.error().reason, "Unsealed");
  EXPECT_NE(bare.error().message.find("create it again"), std::string::npos);
  keys = VerifyingKeys::read(SigningKey::make().value().publicPem()).value();
  EXPECT_EQ(reason(sealed()), "SealKeyUnknown");
  TaskGrant g = sealed();
  g.meta.annotations.find(kSealAnnotation)->second = "not JSON";
  EXPECT_EQ(reason(g), "SealBroken");
  g = sealed();
  g.meta.annotations.erase(std::string(kRequesterAnnotation));
  EXPECT_EQ(reason(g), "SealBroken");
}

TEST_F(SealTest, WhoIsInMoreGroupsThanFitIsRefused) {
  alice.groups.assign(4000, "a-group-of-some-length");
  EXPECT_FALSE(seal(grant, alice, key, kNonce, kNow).has_value());
}

}  // namespace
}  // namespace errand::api
