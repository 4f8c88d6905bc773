#include "cli/verdict/verdict.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/verdict/commands.hpp"

namespace errand::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const CheckLine kFine{"role", "Role/reader", Verdict::Ok, "exists"};
const CheckLine kUnread{"role", "Role/reader", Verdict::Unknown, "forbidden"};

CheckLine bad() {
  return wrong("workload", "Job/fix",
               {{"spec.workload.name", "WaitingForWorkload", "there is none", {"kubectl x"}}});
}

TEST(Verdict, ExitsWithTheWorstVerdict) {
  const CheckLine waits{"grant", "", Verdict::Waits, ""}, note{"grant", "", Verdict::Note, ""};
  EXPECT_EQ(exitOf({}), 0);
  EXPECT_EQ(exitOf(std::vector{kFine, waits, note}), 0);
  EXPECT_EQ(exitOf(std::vector{kFine, bad()}), 1);
  EXPECT_EQ(exitOf(std::vector{bad(), kUnread}), 2);
}

TEST(Verdict, PrintsFieldReasonAndCommand) {
  const std::string text = asText(std::vector{kFine, bad()});
  EXPECT_EQ(text,
            "ok        role      Role/reader: exists\n"
            "wrong     workload  Job/fix\n"
            "           spec.workload.name: there is none (WaitingForWorkload)\n"
            "           $ kubectl x\n");
  const json printed = json::parse(asJson(std::vector{bad()}));
  EXPECT_EQ(printed["checks"][0]["verdict"], "wrong");
  EXPECT_EQ(printed["checks"][0]["problems"][0]["commands"], json::array({"kubectl x"}));
}

TEST(Verdict, EscapesTextsOfObjects) {
  const CheckLine hostile = wrong("event", "Job/\x1b[2J", {{"", "", "a\nb \u202e", {"kubectl \n rm"}}});
  const std::string text = asText(std::vector{hostile});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\u202e")));
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST(Commands, QuoteWhatAShellWouldExecute) {
  EXPECT_EQ(shellWord("system:reader"), "system:reader");
  EXPECT_EQ(shellWord("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(shellWord(""), "''");
  EXPECT_EQ(enrollCommand("agents", {"reader; reboot"}),
            "kubectl errand enroll agents --bind 'reader; reboot' --apply");
}

TEST(Commands, GiveARequesterItsRole) {
  EXPECT_EQ(requesterCommand("agents", "alice"),
            "kubectl create rolebinding errand-requester-alice -n agents --clusterrole=errand-requester "
            "--user=alice");
  EXPECT_EQ(requesterCommand("agents", "system:serviceaccount:ci:bot"),
            "kubectl create rolebinding errand-requester-bot -n agents --clusterrole=errand-requester "
            "--serviceaccount=ci:bot");
  EXPECT_THAT(requesterCommand("agents", "a $(b)"), HasSubstr("--user='a $(b)'"));
}

TEST(Commands, CreateAGrantAgainWithoutItsRecord) {
  const std::string command = recreateGrant("agents", "task", {{"toolClass", "fixer"}});
  EXPECT_THAT(command, HasSubstr("kubectl get taskgrant task -n agents -o json | kubectl patch --local"));
  EXPECT_THAT(command, HasSubstr("\"errand.dev/requester-user\":null"));
  EXPECT_THAT(command, HasSubstr("\"spec\":{\"toolClass\":\"fixer\"}"));
  EXPECT_THAT(command, HasSubstr("kubectl replace --force -f -"));
  EXPECT_THAT(recreateJob("agents", "fix", json::object()), HasSubstr("\"selector\":null"));
}

}  // namespace
}  // namespace errand::cli
