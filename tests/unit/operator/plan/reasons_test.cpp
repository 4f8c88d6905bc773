#include "operator/plan/reasons.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace errand::plan {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = ERRAND_SOURCE_DIR;

std::string contentOf(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Reasons, AStoredConditionIsReadAsTheReasonThatWroteIt) {
  for (const ReasonRow& row : reasonRows()) {
    api::Condition stored;
    stored.reason = policy::toString(row.reason);
    EXPECT_EQ(policy::reasonOf(stored), row.reason) << stored.reason;
  }
  for (const char* other : {"", "ready", "OfAnEarlierVersion"}) {
    api::Condition stored;
    stored.reason = other;
    EXPECT_EQ(policy::reasonOf(stored), std::nullopt) << other;
  }
}

TEST(Reasons, EachRowStandsOnceAndSaysWhatItMeans) {
  std::set<std::pair<Reason, Shows>> seen;
  for (const ReasonRow& row : reasonRows()) {
    const std::string_view name = policy::toString(row.reason);
    EXPECT_TRUE(seen.emplace(row.reason, row.shows).second) << name;
    EXPECT_TRUE(row.meaning.ends_with('.')) << name;
    EXPECT_EQ(row.phase.empty(), row.shows == Shows::GrantStalled || row.shows == Shows::GrantEvent) << name;
    const bool needsWayOut = row.shows == Shows::GrantStalled || row.shows == Shows::GrantEnded;
    EXPECT_TRUE(!needsWayOut || !row.wayOut.empty()) << name;
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
                             {"taskgrant.md", "events", Shows::GrantEvent},
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
