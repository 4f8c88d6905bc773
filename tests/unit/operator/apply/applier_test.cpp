// Effects under faults: what exists already, what is not ours, what is gone.
#include <gmock/gmock.h>

#include "operator/apply/applier.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::apply {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kSecret = "s3cr3t-value";

struct ApplierTest : testing::Test {
  FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  state::Stores stores;
  state::RevocationProofs proofs;
  Applier applier{client, stores, proofs, {"https://kubernetes.default.svc", "CA"}, systemClock()};
  api::TaskGrant grant;

  ApplierTest() {
    grant.meta.name = "inc-1";
    grant.meta.ns = "agents";
    grant.meta.uid = "g-uid";
    grant.meta.resourceVersion = "5";
    grant.spec.access.roles = {"reader"};
    grant.spec.agentIdentity = "bot";
  }

  json owned(const std::string& name, const std::string& uid, const std::string& owner = "g-uid") const {
    return {{"metadata",
             {{"name", name},
              {"namespace", "agents"},
              {"uid", uid},
              {"resourceVersion", "7"},
              {"labels", {{"errand.dev/task-grant", "inc-1"}}},
              {"ownerReferences",
               {{{"apiVersion", "errand.dev/v1alpha1"},
                 {"kind", "TaskGrant"},
                 {"name", "inc-1"},
                 {"uid", owner}}}}}}};
  }

  static json running() {
    return {{"metadata", {{"name", "inc-1"}, {"namespace", "agents"}, {"uid", "g-uid"}}},
            {"spec", json::object()},
            {"status", {{"phase", "Active"}}}};
  }

  plan::CreateAccount account() const {
    plan::CreateAccount out;
    out.account.meta.name = "errand-g.x";
    out.account.meta.ns = "agents";
    out.account.meta.labels = {{"errand.dev/task-grant", "inc-1"}};
    out.account.meta.owners = {{"errand.dev/v1alpha1", "TaskGrant", "inc-1", "g-uid", true}};
    return out;
  }

  plan::CreateBinding binding() const {
    plan::CreateBinding out;
    out.binding.meta = account().account.meta;
    out.binding.meta.name = "errand-g.x.r";
    return out;
  }

  plan::FillSlot slot() const {
    plan::FillSlot out;
    out.secretName = "errand-slot";
    out.account = "errand-g.x";
    out.meta = account().account.meta;
    out.meta.name = "errand-slot";
    out.apiToken = true;
    out.life = Seconds{900};
    out.end = systemClock().now() + Seconds{900};
    return out;
  }
};

TEST_F(ApplierTest, CreateTakesTheBindingThatAnInterruptedRunHasMade) {
  api.on("POST rolebindings", 409, status(409, "AlreadyExists"));
  api.on("GET rolebindings/errand-g.x.r", 200, owned("errand-g.x.r", "b-uid"));
  EXPECT_TRUE(applier.carryOut(plan::Action(binding()), grant).has_value());
  EXPECT_EQ(stores.bindings.get("agents", "errand-g.x.r")->meta.uid, "b-uid");
}

TEST_F(ApplierTest, CreateNeverTakesWhatSomebodyElseHasMade) {
  api.on("POST rolebindings", 409, status(409, "AlreadyExists"));
  api.on("GET rolebindings/errand-g.x.r", 200, owned("errand-g.x.r", "b-uid", "another"));
  const auto done = applier.carryOut(plan::Action(binding()), grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::AlreadyExists);
  EXPECT_EQ(stores.bindings.get("agents", "errand-g.x.r"), nullptr);
}

TEST_F(ApplierTest, DeleteIsDoneWhereTheObjectIsGoneOrAnother) {
  const plan::Action gone = plan::Delete{api::kSecrets, "errand-slot", "uid"};
  api.on("DELETE secrets/errand-slot", 404, status(404, "NotFound"));
  EXPECT_TRUE(applier.carryOut(gone, grant).has_value());
  EXPECT_EQ(api.last("DELETE secrets/errand-slot")->body["preconditions"]["uid"], "uid");
  const plan::Action replaced = plan::Delete{api::kRoleBindings, "b", "uid"};
  api.on("DELETE rolebindings/b", 409, status(409, "Conflict"));
  api.on("GET rolebindings/b", 200, owned("b", "another"));
  EXPECT_TRUE(applier.carryOut(replaced, grant).has_value());
}

TEST_F(ApplierTest, DeleteIsNotDoneForAConflictThatIsNotAboutTheUid) {
  const plan::Action removal = plan::Delete{api::kRoleBindings, "b", "uid"};
  api.on("DELETE rolebindings/b", 409, status(409, "Conflict"));
  api.on("GET rolebindings/b", 200, owned("b", "uid"));
  const auto done = applier.carryOut(removal, grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
  api.instead("GET rolebindings/b", 404, status(404, "NotFound"));
  EXPECT_TRUE(applier.carryOut(removal, grant).has_value());
}

TEST_F(ApplierTest, DeleteForbiddenIsExcusedOnlyInADyingNamespace) {
  api.on("DELETE rolebindings/b", 403, status(403, "Forbidden"));
  EXPECT_FALSE(applier.carryOut(plan::Action(plan::Delete{api::kRoleBindings, "b", "u"}), grant).has_value());
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::Delete{api::kRoleBindings, "b", "u", false, true}), grant)
                  .has_value());
}

TEST_F(ApplierTest, SlotIsMadeBeforeTheTokenThatIsBoundToIt) {
  const std::string token = jwt("id-1", 100, 1000);
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  api.on("POST serviceaccounts/errand-g.x/token", 201, tokenAnswer(token));
  api.on("PATCH secrets/errand-slot", 200, owned("errand-slot", "s-uid"));
  ASSERT_TRUE(applier.carryOut(plan::Action(slot()), grant).has_value());
  ASSERT_EQ(api.calls.size(), 4u);
  const json& request = api.calls[2].body["spec"];
  EXPECT_EQ(request["boundObjectRef"]["uid"], "s-uid");
  EXPECT_EQ(request["expirationSeconds"], 900);
  const json& written = api.calls[3].body;
  EXPECT_EQ(written["metadata"]["uid"], "s-uid") << "a precondition: this very Secret";
  EXPECT_EQ(written["metadata"]["resourceVersion"], "7") << "and nobody has written it since";
  EXPECT_EQ(*base64Decode(written["data"]["token"].get<std::string>()), token);
  EXPECT_EQ(written["metadata"].dump().find(token), std::string::npos);
  const auto credentials =
      api::decodeCredentials(written["metadata"]["annotations"]["errand.dev/credentials"].get<std::string>());
  EXPECT_THAT(credentials->at(0).credentialId, HasSubstr("id-1"));
  EXPECT_TRUE(proofs.proof("g-uid").tokenHeld);
}

TEST_F(ApplierTest, NothingIsMintedForAGrantThatHasEndedUnheard) {
  json ended = running();
  ended["status"]["phase"] = "Revoked";
  json revoked = running();
  revoked["spec"]["revoke"] = {{"reason", "x"}};
  json another = running();
  another["metadata"]["uid"] = "next";
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  for (const json& live : {ended, revoked, another}) {
    api.instead("GET taskgrants/inc-1", 200, live);
    const auto done = applier.carryOut(plan::Action(slot()), grant);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
  }
  api.instead("GET taskgrants/inc-1", 404, status(404, "NotFound"));
  EXPECT_FALSE(applier.carryOut(plan::Action(slot()), grant).has_value());
  EXPECT_EQ(api.count("POST serviceaccounts/errand-g.x/token"), 0u);
}

// Its labels and owner may be forged: the plan deletes it by the uid that it has seen.
TEST_F(ApplierTest, AnAccountThatIsThereIsNeverTakenOver) {
  api.on("POST serviceaccounts", 409, status(409, "AlreadyExists"));
  api.on("GET serviceaccounts/errand-g.x", 200, owned("errand-g.x", "a-uid", "g-uid"));
  const auto done = applier.create(account());
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::AlreadyExists);
}

// A former leader's cache: the account is the grant's by now.
TEST_F(ApplierTest, AnAccountThatTheStoredStatusNamesIsNotDeletedForAnOldOne) {
  const plan::Action removal = plan::Delete{api::kServiceAccounts, "errand-g.x", "a-uid", false, false, true};
  json live = running();
  live["status"]["serviceAccount"] = {{"name", "errand-g.x"}, {"uid", "a-uid"}};
  api.on("GET taskgrants/inc-1", 200, live);
  api.on("DELETE serviceaccounts/errand-g.x", 200, json::object());
  const auto done = applier.carryOut(removal, grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(api.count("DELETE serviceaccounts/errand-g.x"), 0u);
  live["status"]["serviceAccount"]["uid"] = "another";
  api.instead("GET taskgrants/inc-1", 200, live);
  EXPECT_TRUE(applier.carryOut(removal, grant).has_value());
}

TEST_F(ApplierTest, TheUidIsThatOfTheAccountThatWasMade) {
  api.on("POST serviceaccounts", 201, owned("errand-g.x", "a-uid", "g-uid"));
  EXPECT_EQ(applier.create(account()).value_or("none"), "a-uid");
}

TEST_F(ApplierTest, ANamespaceIsMarkedOnlyAsItWasSeen) {
  api.on("PATCH", 409, status(409, "Conflict"));  // a cluster's own object: nothing stands behind its name
  EXPECT_FALSE(
      applier.markEnforced({"agents", "n-uid", "7", *parseTime("2026-11-24T12:00:00Z")}).has_value());
  const json sent = api.calls.back().body;
  EXPECT_EQ(sent, json::parse(R"({"metadata":{"uid":"n-uid","resourceVersion":"7",
    "annotations":{"errand.dev/enforced-since":"2026-11-24T12:00:00Z"}}})"));
}

TEST_F(ApplierTest, SlotOfSomebodyElseIsAConflictAndNothingIsMinted) {
  api.on("POST secrets", 409, status(409, "AlreadyExists"));
  json foreign = owned("errand-slot", "f-uid", "another");
  foreign["data"] = {{"mine", base64Encode(kSecret)}};
  api.on("GET secrets/errand-slot", 200, foreign);
  const auto done = applier.carryOut(plan::Action(slot()), grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::AlreadyExists);
  EXPECT_EQ(done.error().message.find(kSecret), std::string::npos);
  EXPECT_EQ(api.count("POST serviceaccounts/errand-g.x/token"), 0u);
  EXPECT_EQ(api.count("PATCH secrets/errand-slot"), 0u);
}

// A call that took long, or a proxy that held it back: the plan was made in time, the token would not be.
TEST_F(ApplierTest, NothingIsMintedForAWindowThatClosedMeanwhile) {
  plan::FillSlot fill = slot();
  fill.end = systemClock().now() - Millis{1};
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  const auto done = applier.carryOut(plan::Action(fill), grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(api.count("POST serviceaccounts/errand-g.x/token"), 0u);
  fill.apiToken = false;
  EXPECT_FALSE(applier.carryOut(plan::Action(fill), grant).has_value());
  EXPECT_EQ(api.count("PATCH secrets/errand-slot"), 0u) << "nor is a lease written";
}

TEST_F(ApplierTest, ATokenLivesNoLongerThanWhatIsLeftWhenItIsMinted) {
  plan::FillSlot fill = slot();
  fill.life = Seconds{3600};
  fill.end = systemClock().now() + Seconds{700};
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  api.on("POST serviceaccounts/errand-g.x/token", 500, status(500, "InternalError"));
  EXPECT_FALSE(applier.carryOut(plan::Action(fill), grant).has_value());
  EXPECT_LE(api.last("POST serviceaccounts/errand-g.x/token")->body["spec"]["expirationSeconds"], 700);
}

// A server-side apply removes fields that an earlier apply has set, but no field that a create has set.
TEST_F(ApplierTest, ACopyOfALeaseIsMadeEmptyAndThenApplied) {
  plan::CopyLease copy;
  copy.source = "ticketing";
  copy.meta = account().account.meta;
  copy.meta.name = "errand-g.x.ticketing";
  copy.leasedVersion = "v1";
  api.on("GET secrets/ticketing", 200, {{"type", "Opaque"}, {"data", {{"key", base64Encode(kSecret)}}}});
  api.on("POST secrets", 201, owned("errand-g.x.ticketing", "s-uid"));
  api.on("PATCH secrets/errand-g.x.ticketing", 200, owned("errand-g.x.ticketing", "s-uid"));
  ASSERT_TRUE(applier.carryOut(plan::Action(copy), grant).has_value());
  EXPECT_FALSE(api.last("POST secrets")->body.contains("data"));
  const json& applied = api.last("PATCH secrets/errand-g.x.ticketing")->body;
  EXPECT_EQ(applied["data"]["key"], base64Encode(kSecret));
  EXPECT_EQ(applied["metadata"]["annotations"]["errand.dev/leased"], "v1");
  EXPECT_EQ(applied["metadata"]["uid"], "s-uid");
}

TEST_F(ApplierTest, ARefusedWriteNamesTheFieldWhereItIsOfLeases) {
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  api.on("PATCH secrets/errand-slot", 413, status(413, "RequestEntityTooLarge"));
  plan::FillSlot fill = slot();
  fill.apiToken = false;
  const auto ours = applier.carryOut(plan::Action(fill), grant);
  ASSERT_FALSE(ours.has_value());
  EXPECT_EQ(ours.error().message.find("spec.access.secrets"), std::string::npos);
  fill.leases = {"ticketing"};
  fill.leasedVersions = "v1";
  api.on("GET secrets/ticketing", 200, {{"type", "Opaque"}, {"data", {{"key", base64Encode(kSecret)}}}});
  const auto leased = applier.carryOut(plan::Action(fill), grant);
  ASSERT_FALSE(leased.has_value());
  EXPECT_THAT(leased.error().message, HasSubstr("spec.access.secrets: what is leased cannot be written"));
  EXPECT_EQ(leased.error().message.find(kSecret), std::string::npos);
}

TEST_F(ApplierTest, LeaseOfATokenSecretIsRefused) {
  plan::FillSlot fill = slot();
  fill.leases = {"stolen"};
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  api.on("POST serviceaccounts/errand-g.x/token", 201, tokenAnswer(jwt("id-1", 100, 1000)));
  api.on("GET secrets/stolen", 200,
         {{"type", "kubernetes.io/service-account-token"}, {"data", {{"token", base64Encode(kSecret)}}}});
  const auto done = applier.carryOut(plan::Action(fill), grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().message, HasSubstr("never leased"));
  EXPECT_EQ(done.error().message.find(kSecret), std::string::npos);
  EXPECT_EQ(api.count("PATCH secrets/errand-slot"), 0u);
}

TEST_F(ApplierTest, LeaseCannotTakeTheNameOfAFileOfOurs) {
  plan::FillSlot fill = slot();
  fill.leases = {"ca"};
  api.on("GET taskgrants/inc-1", 200, running());
  api.on("POST secrets", 201, owned("errand-slot", "s-uid"));
  api.on("POST serviceaccounts/errand-g.x/token", 201, tokenAnswer(jwt("id-1", 100, 1000)));
  api.on("GET secrets/ca", 200, {{"type", "Opaque"}, {"data", {{"crt", base64Encode(kSecret)}}}});
  const auto done = applier.carryOut(plan::Action(fill), grant);
  ASSERT_FALSE(done.has_value());
  EXPECT_THAT(done.error().message, HasSubstr("already has a file ca.crt"));
  EXPECT_EQ(api.count("PATCH secrets/errand-slot"), 0u);
}

TEST_F(ApplierTest, LostGateIsNoFailure) {
  api.on("PATCH pods/p", 422, status(422, "Invalid"));
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::LiftGate{"p", "u", 0}), grant).has_value());
}

TEST_F(ApplierTest, TheGateAndTheDeadlineGoTogether) {
  api.on("PATCH pods/p", 200, owned("p", "u"));
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::LiftGate{"p", "u", 0, 42}), grant).has_value());
  EXPECT_EQ(json(api.calls.back().body).back(),
            json::parse(R"({"op":"add","path":"/spec/activeDeadlineSeconds","value":42})"));
}

TEST_F(ApplierTest, ARunIsEndedByItsUid) {
  api.on("PATCH jobs/fix", 200, owned("fix", "j"));
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::EndRun{api::kJobs, "fix", "j"}), grant).has_value());
  EXPECT_EQ(json(api.calls.back().body), json::parse(R"([
    {"op":"test","path":"/metadata/uid","value":"j"},
    {"op":"add","path":"/spec/activeDeadlineSeconds","value":1}])"));
  api.instead("PATCH jobs/fix", 404, status(404, "NotFound"));
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::EndRun{api::kJobs, "fix", "j"}), grant).has_value());
  api.instead("PATCH jobs/fix", 403, status(403, "Forbidden"));
  EXPECT_FALSE(applier.carryOut(plan::Action(plan::EndRun{api::kJobs, "fix", "j"}), grant).has_value());
}

// The API server answers 422 both if a test of a JSON Patch fails and if it rejects the patched object.
TEST_F(ApplierTest, ARunOfAnotherUidHasEnded) {
  const plan::Action end = plan::EndRun{api::kPods, "p", "u"};
  api.on("PATCH pods/p", 422, status(422, "Invalid"));
  api.on("GET pods/p", 200, owned("p", "another"));
  EXPECT_TRUE(applier.carryOut(end, grant).has_value());
  api.instead("GET pods/p", 404, status(404, "NotFound"));
  EXPECT_TRUE(applier.carryOut(end, grant).has_value());
  for (const auto& [code, answer] : {std::pair{200, owned("p", "u")}, {403, status(403, "Forbidden")}}) {
    api.instead("GET pods/p", code, answer);
    const auto refused = applier.carryOut(end, grant);
    ASSERT_FALSE(refused.has_value()) << code;
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid) << code;
  }
}

TEST_F(ApplierTest, ProbeThatCannotBeMintedDoesNotKeepTheAccountAlive) {
  api.on("POST serviceaccounts/errand-g.x/token", 500, status(500, "InternalError"));
  EXPECT_TRUE(applier.carryOut(plan::Action(plan::MintProbe{"errand-g.x"}), grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").tokenHeld);
}

json review(bool authenticated, const char* error) {
  return {{"status", {{"authenticated", authenticated}, {"error", error}}}};
}

TEST_F(ApplierTest, RefusalCountsOnlyWhereTheTokenWasJudged) {
  proofs.hold("g-uid", {Sensitive(std::string("token")), {"aud"}});
  const plan::Action ask = plan::ReviewToken{};
  api.on("POST tokenreviews", 201,
         review(false, "[invalid bearer token, service account token has been invalidated]"));
  api.on("POST tokenreviews", 201, review(false, "etcdserver: request timed out"));
  api.on("POST tokenreviews", 201, review(false, ""));
  api.on("POST tokenreviews", 500, status(500, "InternalError"));
  api.on("POST tokenreviews", 201, review(true, ""));
  ASSERT_TRUE(applier.carryOut(ask, grant).has_value());
  EXPECT_TRUE(proofs.proof("g-uid").refusedSince.has_value());
  ASSERT_TRUE(applier.carryOut(ask, grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").refusedSince.has_value())
      << "the authenticator's own trouble proves nothing";
  ASSERT_TRUE(applier.carryOut(ask, grant).has_value());
  EXPECT_TRUE(proofs.proof("g-uid").refusedSince.has_value());
  EXPECT_FALSE(applier.carryOut(ask, grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").refusedSince.has_value()) << "a gap breaks the run";
  ASSERT_TRUE(applier.carryOut(ask, grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").refusedSince.has_value());
  EXPECT_EQ(api.last("POST tokenreviews")->body["spec"]["audiences"], json({"aud"}));
}

TEST_F(ApplierTest, EachApiServerThatIsListedMustRefuse) {
  FakeApi others[2];
  const kube::Client first(others[0]), second(others[1]);
  const Applier several(client, stores, proofs, {}, systemClock(), {first, second});
  proofs.hold("g-uid", {Sensitive(std::string("token")), {}});
  const plan::Action ask = plan::ReviewToken{};
  others[0].on("POST tokenreviews", 201, review(false, ""));
  others[1].on("POST tokenreviews", 201, review(true, ""));
  others[1].on("POST tokenreviews", 201, review(false, ""));
  others[1].on("POST tokenreviews", 503, status(503, "ServiceUnavailable"));
  ASSERT_TRUE(several.carryOut(ask, grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").refusedSince.has_value()) << "one of them still takes it";
  ASSERT_TRUE(several.carryOut(ask, grant).has_value());
  EXPECT_TRUE(proofs.proof("g-uid").refusedSince.has_value());
  EXPECT_FALSE(several.carryOut(ask, grant).has_value());
  EXPECT_FALSE(proofs.proof("g-uid").refusedSince.has_value()) << "one of them did not answer";
  EXPECT_TRUE(api.calls.empty());
}

TEST_F(ApplierTest, TokenIsTakenFromTheSecretAfterARestart) {
  json secret = owned("errand-slot", "s-uid");
  secret["data"] = {{"token", base64Encode(kSecret)}};
  api.on("GET secrets/errand-slot", 200, secret);
  api.on("DELETE secrets/errand-slot", 200, status(200, ""));
  ASSERT_TRUE(applier.carryOut(plan::Action(plan::Delete{api::kSecrets, "errand-slot", "s-uid", true}), grant)
                  .has_value());
  EXPECT_EQ(proofs.held("g-uid")->token.reveal(), kSecret);
}

TEST_F(ApplierTest, TokenOfAnotherSecretOfThatNameIsNotTaken) {
  json secret = owned("errand-slot", "other-uid");
  secret["data"] = {{"token", base64Encode(kSecret)}};
  api.on("GET secrets/errand-slot", 200, secret);
  api.on("DELETE secrets/errand-slot", 409, status(409, "Conflict"));
  ASSERT_TRUE(applier.carryOut(plan::Action(plan::Delete{api::kSecrets, "errand-slot", "s-uid", true}), grant)
                  .has_value());
  EXPECT_FALSE(proofs.proof("g-uid").tokenHeld);
}

}  // namespace
}  // namespace errand::apply
