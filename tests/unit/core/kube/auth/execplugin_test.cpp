// When a credential plugin is asked, what it is told, and what becomes of a bad one.
#include "core/kube/auth/execplugin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using testing::HasSubstr;

const auto kSoon = [] { return std::chrono::steady_clock::now() + Seconds{20}; };

Config config(const std::string& command = "plugin", std::vector<std::string> args = {}) {
  Config out;
  out.server = "https://h";
  out.exec = ExecSpec{.apiVersion = "client.authentication.k8s.io/v1",
                      .command = command,
                      .args = std::move(args),
                      .env = {},
                      .provideClusterInfo = true,
                      .installHint = "get it"};
  return out;
}

std::string answer(const std::string& status) {
  return R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)" + status +
         "}";
}

struct ExecPluginTest : testing::Test {
  FakeClock clock;
  int asked = 0, status = 0;
  std::string says = answer(R"({"token":"one","expirationTimestamp":"1970-01-01T01:00:00Z"})");
  ExecPlugin plugin{config(), clock, [this](const Command&, const std::stop_token&, ExecPlugin::Instant) {
                      ++asked;
                      return Result<Output>(Output{status, Sensitive(says)});
                    }};
  std::string token() {
    const auto given = plugin.get({}, kSoon());
    return given ? std::string((*given)->token.reveal()) : std::string(toString(given.error().kind));
  }
};

TEST_F(ExecPluginTest, IsAskedShortlyBeforeTheExpiry) {
  EXPECT_EQ(token(), "one");
  clock.advance(Seconds{3569});
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(asked, 1);
  says = answer(R"({"token":"two"})");
  clock.advance(Seconds{1});
  EXPECT_EQ(token(), "two");
  EXPECT_EQ(asked, 2);
}

TEST_F(ExecPluginTest, IsAskedAgainAfterARefusalButNotAtOnce) {
  token();
  plugin.refused();
  token();
  EXPECT_EQ(asked, 1);
  clock.advance(Seconds{10});
  plugin.refused();
  token();
  EXPECT_EQ(asked, 2);
}

TEST_F(ExecPluginTest, AFailureLeavesACredentialThatIsStillGood) {
  token();
  status = 1;
  clock.advance(Seconds{3580});
  EXPECT_EQ(token(), "one");
  clock.advance(Seconds{20});
  EXPECT_EQ(token(), "Unauthorized");
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(token(), "Unauthorized");
  EXPECT_EQ(asked, 3) << "not within 5 s";
}

// The plugin is held until each other call has had the chance to ask it, too.
TEST(ExecPluginThreads, SeveralCallsAskItOnceAndAStopEndsOnesWait) {
  std::promise<void> begun, let;
  std::atomic<int> asked{0};
  ExecPlugin plugin(config(), systemClock(),
                    [&](const Command&, const std::stop_token&, ExecPlugin::Instant) {
                      if (asked++ == 0) {
                        begun.set_value();
                        let.get_future().wait();
                      }
                      return Result<Output>(Output{0, Sensitive(answer(R"({"token":"one"})"))});
                    });
  const auto get = [&](const std::stop_token& stop) { return plugin.get(stop, kSoon()); };
  auto first = std::async(std::launch::async, get, std::stop_token());
  begun.get_future().wait();
  std::stop_source stop;
  std::vector<std::future<Result<std::shared_ptr<const ExecCredential>>>> others;
  for (int i = 0; i < 4; ++i) others.push_back(std::async(std::launch::async, get, std::stop_token()));
  auto stopped = std::async(std::launch::async, get, stop.get_token());
  stop.request_stop();
  EXPECT_EQ(stopped.get().error().kind, ErrorKind::Cancelled);
  EXPECT_EQ(plugin.get({}, std::chrono::steady_clock::now()).error().kind, ErrorKind::Timeout);
  let.set_value();
  const auto given = first.get();
  ASSERT_TRUE(given.has_value());
  for (auto& other : others) EXPECT_EQ(*other.get(), *given) << "the same object";
  EXPECT_EQ(asked, 1);
}

// A call that ends while it asks says nothing about the plugin.
TEST(ExecPluginThreads, TheNextCallAsksWhereTheFirstWasStopped) {
  std::stop_source stop;
  ExecPlugin plugin(
      config(), systemClock(), [&](const Command&, const std::stop_token& asking, ExecPlugin::Instant) {
        stop.request_stop();
        return asking.stop_requested() ? Result<Output>(fail(ErrorKind::Cancelled, "stopped"))
                                       : Result<Output>(Output{0, Sensitive(answer(R"({"token":"one"})"))});
      });
  EXPECT_EQ(plugin.get(stop.get_token(), kSoon()).error().kind, ErrorKind::Cancelled);
  EXPECT_TRUE(plugin.get({}, kSoon()).has_value());
}

TEST(ExecCredentialTest, BadAnswersAreRefusedAndNotRepeated) {
  for (const std::string bad : {"SECRET", "{}", R"({"kind":"ExecCredential","status":{"token":"SECRET"}})"}) {
    const auto read = parseExecCredential(Sensitive(bad), "client.authentication.k8s.io/v1");
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_THAT(read.error().message, testing::Not(HasSubstr("SECRET")));
  }
  for (const char* bad : {"{}", R"({"clientKeyData":"SECRET"})", R"({"token":7})"})
    EXPECT_FALSE(parseExecCredential(Sensitive(answer(bad)), "client.authentication.k8s.io/v1").has_value());
}

TEST(RunProcessTest, ARealPluginGetsItsInputAndNoShell) {
  ExecPlugin plugin(config("/bin/sh", {"-c",
                                       "echo \"$0\" >&2; printf '%s' \"$KUBERNETES_EXEC_INFO\" | "
                                       "sed 's/\"spec\":.*/\"status\":{\"token\":\"t\"}}/'",
                                       "$(x)"}),
                    systemClock());
  const auto given = plugin.get({}, kSoon());
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ((*given)->token.reveal(), "t");
}

TEST(RunProcessTest, EndsAtAStopADeadlineAndTooMuchOutput) {
  const Command sleep{{"sleep", "60"}, {"PATH=/usr/bin:/bin"}};
  std::stop_source stop;
  stop.request_stop();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(runProcess(sleep, stop.get_token(), kSoon()).error().kind, ErrorKind::Cancelled);
  EXPECT_EQ(runProcess(sleep, {}, begin).error().kind, ErrorKind::Timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Seconds{5});
  EXPECT_EQ(runProcess({{"yes"}, {}}, {}, kSoon()).error().kind, ErrorKind::Invalid);
  EXPECT_EQ(runProcess({{"/absent"}, {}}, {}, kSoon()).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(runProcess({{"/bin/sh", "-c", "exit 3"}, {}}, {}, kSoon())->status, 3);
}

}  // namespace
}  // namespace errand::kube
