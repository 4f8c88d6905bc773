#include "webhook/serving.hpp"

#include <gmock/gmock.h>

#include <latch>

#include "tests/unit/webhook/clusterfixture.hpp"
#include "webhook/cluster/grants.hpp"

namespace errand::webhook {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A resourceVersion as the API server assigns it: each write has a later one.
json written(json object) {
  static int version = 0;
  object["metadata"]["resourceVersion"] = std::to_string(++version);
  return object;
}

template <class T>
void put(kube::Store<T>& store, const json& object) {
  store.upsert(std::make_shared<const T>(api::decode<T>(written(object)).value()));
}

json grantWithoutAccount() {
  json out = grant();
  out.erase("status");
  return out;
}

class FixedClock final : public Clock {
 public:
  Time now() const override { return kNow; }
  std::chrono::steady_clock::time_point monotonic() const override { return {}; }
};

// The caches, with a test's answers in place of live reads.
class ServedState final : public CachedState {
 public:
  ServedState(const Caches& caches, const ClusterFixture& answers) : CachedState(caches), answers_(answers) {}
  std::shared_ptr<const RoleFacts> role(const RoleKey& role) const override { return answers_.role(role); }
  std::optional<bool> may(const api::AccessRequest& question) const override {
    return answers_.may(question);
  }

 private:
  const ClusterFixture& answers_;
};

class Serving : public testing::Test {
 protected:
  serve::Answer call(std::string_view path, const std::string& body,
                     std::chrono::milliseconds waited = 0ms) const {
    const serve::Request request{"POST", path, "", "application/json", body};
    return std::get<const serve::Route*>(routes_.find(request))->handler(request, waited);
  }

  // Calls the handler repeatedly, as a connection does. Returns the answer and the time that it took. `look`
  // is called before each retry.
  template <class F>
  std::pair<serve::Answer, std::chrono::milliseconds> settled(std::string_view path, const std::string& body,
                                                              F look) const {
    std::chrono::milliseconds waited{0};
    serve::Answer answer = call(path, body, waited);
    while (const auto* later = std::get_if<serve::Later>(&answer)) {
      auto after = later->after;
      waited += after;
      look(waited);
      while (later->ready && waited < later->patience && !later->ready()) {
        after = std::min(2 * after, std::chrono::milliseconds(50));
        waited += after;
        look(waited);
      }
      answer = call(path, body, waited);
    }
    return {answer, waited};
  }

  // Returns a review of an AgentIdentity that names one role.
  static std::string identityReview() {
    json body = json::parse(admission(identity(), "carol"));
    body["request"]["resource"] = {
        {"group", "errand.dev"}, {"version", "v1alpha1"}, {"resource", "agentidentities"}};
    return body.dump();
  }

  static std::string bodyOf(const serve::Answer& answer) { return std::get<serve::Response>(answer).body; }

  Caches caches_;
  std::vector<std::string> looked_;
  std::size_t wanted_ = 0, rolesWanted_ = 0;
  std::function<void()> onAccess_;
  ClusterFixture authorizer_{true};
  ServedState cluster_{caches_, authorizer_};
  FixedClock clock_;
  const serve::Routes routes_{
      admissionRoutes(cluster_, kSettings,
                      {.grant = [this](const rules::NeedsGrant& missing,
                                       auto) { looked_.push_back(missing.ns + "/" + missing.name); },
                       .access =
                           [this](const auto& questions, auto) {
                             wanted_ += questions.size();
                             if (onAccess_) onAccess_();
                           },
                       .roles = [this](const auto& roles, auto) { rolesWanted_ += roles.size(); }},
                      clock_)};
};

TEST_F(Serving, AnswersAPlainPodAtOnce) {
  const serve::Answer answer = call("/validate", admission(plainPod(), "alice"));
  EXPECT_EQ(std::get<serve::Response>(answer).status, 200);
  EXPECT_EQ(json::parse(bodyOf(answer))["response"]["allowed"], true);
  EXPECT_THAT(looked_, IsEmpty());
}

TEST_F(Serving, WhatIsNoReviewIs400WithTheReason) {
  for (const char* body : {"", "nonsense", "[]", "{}",
                           R"({"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"})"}) {
    const serve::Answer answer = call("/mutate", body);
    EXPECT_EQ(std::get<serve::Response>(answer).status, 400) << body;
    EXPECT_GT(bodyOf(answer).size(), 1u) << body;
  }
}

TEST_F(Serving, WaitsForAGrantThatIsNotThereYet) {
  const std::string pod = admission(jobPod(), kJobController);
  EXPECT_TRUE(std::holds_alternative<serve::Later>(call("/mutate", pod, 0ms)));
  put(caches_.identities, identity());
  put(caches_.grants, grantWithoutAccount());
  EXPECT_TRUE(std::holds_alternative<serve::Later>(call("/mutate", pod, 50ms)));
  EXPECT_THAT(looked_, ElementsAre("agents/inc-1"));

  put(caches_.grants, grant());
  const json response = json::parse(bodyOf(call("/mutate", pod, 100ms)))["response"];
  EXPECT_EQ(response["allowed"], true);
  EXPECT_THAT(base64Decode(response["patch"].get<std::string>()).value(),
              HasSubstr(api::grantAccountName(kGrantUid)));
}

// The operator stores Active before the pod starts: a cache may be behind the kubelet.
TEST_F(Serving, ATokenRequestWaitsForTheStartOfItsGrant) {
  put(caches_.grants, grant());
  const std::string request = tokenRequest(api::grantAccountName(kGrantUid), "system:node:n1");
  EXPECT_TRUE(std::holds_alternative<serve::Later>(call("/validate", request, 0ms)));
  EXPECT_THAT(looked_, ElementsAre("agents/inc-1"));
  put(caches_.grants, activeGrant());
  put(caches_.identities, identity());
  EXPECT_TRUE(std::holds_alternative<serve::Later>(call("/validate", request, 50ms)))
      << "whether it is suspended";
  put(caches_.namespaces,
      {{"metadata", {{"name", "agents"}, {"uid", "n"}, {"labels", {{"errand.dev/enforce", "true"}}}}}});
  EXPECT_EQ(json::parse(bodyOf(call("/validate", request, 50ms)))["response"]["allowed"], true);
}

TEST_F(Serving, RefusesAfterTwoSecondsOfWaiting) {
  const std::string pod = admission(jobPod(), kJobController);
  std::chrono::milliseconds waited{0};
  serve::Answer answer = call("/mutate", pod, waited);
  while (const auto* later = std::get_if<serve::Later>(&answer)) {
    waited += later->after;
    answer = call("/mutate", pod, waited);
  }
  EXPECT_EQ(waited, std::chrono::seconds(2));
  const json response = json::parse(bodyOf(answer))["response"];
  EXPECT_EQ(response["allowed"], false);
  EXPECT_THAT(response["status"]["message"].get<std::string>(), HasSubstr("inc-1"));
  EXPECT_THAT(looked_, ElementsAre("agents/inc-1"));
}

TEST_F(Serving, AReviewIsMadeAgainOnceItsQuestionsAreAnswered) {
  put(caches_.namespaces,
      {{"metadata", {{"name", "agents"}, {"uid", "n"}, {"labels", {{"errand.dev/enforce", "true"}}}}}});
  const std::string body = identityReview();
  authorizer_.answer("define triage-bot", std::nullopt);
  const serve::Answer answer = call("/validate", body);
  const auto* later = std::get_if<serve::Later>(&answer);
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(wanted_, 1u);
  EXPECT_FALSE(later->ready());
  EXPECT_EQ(later->patience, 500ms);
  EXPECT_EQ(std::get<serve::Later>(call("/validate", body, 3800ms)).patience, 4s);
  authorizer_.answer("define triage-bot", true);
  EXPECT_TRUE(later->ready());
  EXPECT_EQ(json::parse(bodyOf(call("/validate", body, 10ms)))["response"]["allowed"], true);
}

// As after a restart of the API server, when the first call meets a connection that is gone.
TEST_F(Serving, AQuestionThatFailedIsAskedAgainWithinTheSameReview) {
  authorizer_.answer("define triage-bot", std::nullopt);
  onAccess_ = [this] {
    if (wanted_ > 1) authorizer_.answer("define triage-bot", true);
  };
  const auto [answer, waited] = settled("/validate", identityReview(), [](auto) {});
  EXPECT_EQ(json::parse(bodyOf(answer))["response"]["allowed"], true);
  EXPECT_LE(waited, 600ms);
  EXPECT_EQ(wanted_, 2u) << "not at each look";
}

// An answer lives three seconds.
TEST_F(Serving, AnAnswerThatHasExpiredBeforeTheLastCameIsAskedForAgain) {
  authorizer_.answer("define triage-bot", std::nullopt);
  authorizer_.answer("bind reader", std::nullopt);
  std::optional<std::chrono::milliseconds> answered;
  std::chrono::milliseconds now{0};
  onAccess_ = [&] {
    if (answered) return;
    answered = now;
    authorizer_.answer("bind reader", true);
  };
  const auto [answer, waited] = settled("/validate", identityReview(), [&](std::chrono::milliseconds at) {
    now = at;
    if (at > 3100ms) authorizer_.answer("define triage-bot", true);
    if (answered && at - *answered > 3s) {
      authorizer_.answer("bind reader", std::nullopt);
      answered.reset();
    }
  });
  EXPECT_EQ(json::parse(bodyOf(answer))["response"]["allowed"], true);
  EXPECT_LT(waited, 4s);
}

TEST_F(Serving, WhatIsNeverAnsweredIsRefusedAfterFourSecondsHavingCostLittle) {
  authorizer_.answer("define triage-bot", std::nullopt);
  const auto [answer, waited] = settled("/validate", identityReview(), [](auto) {});
  EXPECT_THAT(bodyOf(answer), HasSubstr("has not said in time"));
  EXPECT_GE(waited, 4s - 10ms);
  EXPECT_LE(waited, 4100ms);
  EXPECT_LE(wanted_, 9u);
}

TEST(Party, IsTheNamespaceBeforeWhatUsersWrite) {
  const auto of = [](std::string_view body) { return partyOf({"POST", "/validate", "", "", body}); };
  EXPECT_EQ(
      of(R"({"kind":"AdmissionReview","request":{"uid":"u","name":"x","namespace":"team-a","object":{"metadata":{"namespace":"b"}}}})"),
      "team-a");
  EXPECT_EQ(of(R"({"request":{"name":"a\",\"namespace\":\"forged","namespace":"team-a"}})"), "team-a");
  EXPECT_EQ(of(std::string(5000, ' ') + R"("namespace":"late")"), "");
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of(R"("namespace":"open)"), "open");
}

TEST_F(Serving, JudgesInEnforcedNamespacesAndInUnknownOnes) {
  const auto allowed = [&] {
    json pod = plainPod();
    pod["spec"]["automountServiceAccountToken"] = true;
    return json::parse(bodyOf(call("/validate", admission(pod, "alice"))))["response"]["allowed"].get<bool>();
  };
  const auto label = [&](const char* value) {
    put(caches_.namespaces,
        {{"metadata", {{"name", "agents"}, {"uid", "n"}, {"labels", {{"errand.dev/enforce", value}}}}}});
  };
  EXPECT_FALSE(allowed());
  label("true");
  EXPECT_FALSE(allowed());
  label("audit");
  EXPECT_TRUE(allowed());
}

TEST_F(Serving, FindsAGrantByItsAccountInItsOwnNamespaceOnly) {
  put(caches_.grants, grant());
  const std::string account = api::grantAccountName(kGrantUid);
  EXPECT_EQ(cluster_.grantOfAccount("agents", account)->meta.name, "inc-1");
  EXPECT_EQ(cluster_.grantOfAccount("other", account), nullptr);
  EXPECT_EQ(cluster_.grantOfAccount("agents", "errand-g.0"), nullptr);
}

TEST_F(Serving, AnIdentityWaitsForTheRulesOfTheRolesThatItNames) {
  const std::string body = identityReview();
  authorizer_.addRole("reader", std::nullopt);
  EXPECT_TRUE(std::holds_alternative<serve::Later>(call("/validate", body, 0ms)));
  EXPECT_EQ(rolesWanted_, 1u);
  EXPECT_THAT(bodyOf(call("/validate", body, 4s)), HasSubstr("has not shown Role")) << "and not for ever";
  authorizer_.addRole("reader", std::vector<api::PolicyRule>{{{""}, {"secrets"}, {"create"}}});
  EXPECT_EQ(json::parse(bodyOf(call("/validate", body, 50ms)))["response"]["allowed"], false);
  authorizer_.addRole("reader", std::vector<api::PolicyRule>{{{""}, {"configmaps"}, {"get"}}});
  EXPECT_EQ(json::parse(bodyOf(call("/validate", body, 50ms)))["response"]["allowed"], true);
}

TEST_F(Serving, IsNotSyncedBeforeAllListsAreComplete) {
  EXPECT_THAT(caches_.synced().error().message,
              HasSubstr("TaskGrants, AgentIdentities, Exemptions, Namespaces"));
  caches_.grants.replace("", {}, "1");
  caches_.namespaces.replace("", {}, "1");
  EXPECT_THAT(caches_.synced().error().message, HasSubstr("not listed yet: AgentIdentities"));
  caches_.identities.replace("", {}, "1");
  EXPECT_THAT(caches_.synced().error().message, HasSubstr("not listed yet: Exemptions"));
  caches_.exemptions.replace("", {}, "1");
  EXPECT_TRUE(caches_.synced());
}

// Has one grant and its identity; a list is of the grant alone.
class Server final : public kube::Transport {
 public:
  Result<kube::Response> call(const kube::Request& request, std::stop_token) override {
    if (request.path.back() == "taskgrants") {
      const json list = {{"metadata", {{"resourceVersion", "1"}}}, {"items", {written(grant())}}};
      return kube::Response{200, Sensitive(list.dump()), {}};
    }
    const std::string& kind = request.path[request.path.size() - 2];
    const json object = written(kind == "taskgrants" ? grant() : identity());
    return kube::Response{200, Sensitive(object.dump()), {}};
  }
  Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
    return fail(ErrorKind::Internal, "nothing is watched here");
  }
};

TEST_F(Serving, ALiveReadBringsTheGrantAndItsIdentity) {
  std::latch read(2);
  caches_.grants.onChange([&](const auto&, const auto&) { read.count_down(); });
  caches_.identities.onChange([&](const auto&, const auto&) { read.count_down(); });
  Server server;
  const kube::Client client(server);
  GrantReads reads(client, caches_);
  reads.want({"agents", "inc-1"});
  read.wait();
  EXPECT_EQ(caches_.grants.get("agents", "inc-1")->meta.uid, kGrantUid);
  EXPECT_EQ(caches_.identities.get("agents", "triage-bot")->owner, "sre@example.com");
}

TEST_F(Serving, ALiveReadWithoutANameBringsTheNamespacesGrants) {
  std::latch read(1);
  caches_.grants.onChange([&](const auto&, const auto&) { read.count_down(); });
  Server server;
  const kube::Client client(server);
  GrantReads reads(client, caches_);
  reads.want({"agents", ""});
  read.wait();
  EXPECT_EQ(cluster_.grantOfAccount("agents", api::grantAccountName(kGrantUid))->meta.name, "inc-1");
}

}  // namespace
}  // namespace errand::webhook
