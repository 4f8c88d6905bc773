#include "operator/plan/reasons.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace errand::plan {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = ERRAND_SOURCE_DIR;

std::string contentOf(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// String literals of what decides, in the table's own file none.
std::set<std::string> literals() {
  std::set<std::string> out;
  const std::regex literal(R"re("([A-Z][A-Za-z]+)")re");
  for (const char* folder : {"operator/plan", "operator/apply", "operator/control", "core/policy"})
    for (const auto& entry : fs::recursive_directory_iterator(kSource / folder)) {
      if (entry.path().filename() == "reasons.cpp" || !entry.is_regular_file()) continue;
      const std::string text = contentOf(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it)
        out.insert((*it)[1]);
    }
  return out;
}

std::set<std::string> rows() {
  std::set<std::string> out;
  for (const Reason& reason : allReasons()) out.emplace(reason.name);
  return out;
}

// Words of Kubernetes and of conditions that look like a reason.
const std::set<std::string> kOthers = {"AgentIdentity",
                                       "ClusterRole",
                                       "ClusterRoleBinding",
                                       "CronJob",
                                       "DaemonSet",
                                       "ReplicaSet",
                                       "ReplicationController",
                                       "RoleBinding",
                                       "ServiceAccount",
                                       "StatefulSet",
                                       "StreamsEnd",
                                       "TaskGrant",
                                       "TokenReview"};

TEST(Reasons, EachThatIsShownIsARow) {
  const std::set<std::string> known = rows();
  const std::regex twoWords("[A-Z][a-z]+([A-Z][a-z]*)+");
  for (const std::string& literal : literals())
    if (std::regex_match(literal, twoWords) && !kOthers.contains(literal)) {
      EXPECT_TRUE(known.contains(literal)) << literal << " is shown and stands in no row of reasons.cpp";
    }
}

TEST(Reasons, NoRowIsOfNothing) {
  const std::set<std::string> shown = literals();
  for (const std::string& name : rows())
    EXPECT_TRUE(shown.contains(name) || name == "Forbidden" || name == "Invalid") << name;
}

TEST(Reasons, EachRowStandsOnceAndSaysWhatItMeans) {
  std::set<std::pair<std::string, Shows>> seen;
  for (const Reason& reason : allReasons()) {
    EXPECT_TRUE(seen.emplace(reason.name, reason.shows).second) << reason.name;
    EXPECT_TRUE(reason.meaning.ends_with('.')) << reason.name;
    EXPECT_EQ(reason.phase.empty(), reason.shows == Shows::GrantStalled) << reason.name;
    const bool needsWayOut = reason.shows == Shows::GrantStalled || reason.shows == Shows::GrantEnded;
    EXPECT_TRUE(!needsWayOut || !reason.wayOut.empty()) << reason.name;
  }
}

// ERRAND_WRITE_DOCS=1 writes them there.
TEST(Reasons, TheTablesOfTheDocsArePrintedFromThem) {
  struct Table {
    const char *page, *mark;
    Shows shows;
  };
  for (const Table& table : {Table{"taskgrant.md", "ends", Shows::GrantEnded},
                             {"taskgrant.md", "stalled", Shows::GrantStalled},
                             {"taskgrant.md", "waiting", Shows::GrantWaiting},
                             {"taskgrant.md", "conditions", Shows::GrantCondition},
                             {"agentidentity.md", "identity", Shows::Identity}}) {
    const fs::path page = kSource / "docs/kinds" / table.page;
    std::string text = contentOf(page);
    const std::string mark = std::string("<!-- reasons: ") + table.mark + " -->\n";
    const size_t at = text.find(mark);
    ASSERT_NE(at, text.npos) << mark;
    const size_t from = at + mark.size(), to = std::min(text.find("\n\n", at) + 1, text.size());
    const std::string wanted = markdownTable(table.shows);
    if (std::getenv("ERRAND_WRITE_DOCS") != nullptr) {
      text.replace(from, std::max(from, to) - from, wanted);
      std::ofstream(page) << text;
    } else {
      EXPECT_EQ(text.substr(from, to - from), wanted) << page << ": run this with ERRAND_WRITE_DOCS=1";
    }
  }
}

}  // namespace
}  // namespace errand::plan
