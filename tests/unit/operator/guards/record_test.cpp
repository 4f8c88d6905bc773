#include "operator/guards/record.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace errand::guards {
namespace {

using nlohmann::json;

const Record kRecord{*parseTime("2026-11-24T12:00:00Z"),
                     {{{std::string(kPolicy), "errand-tokens"}, {"0f3c", 3}},
                      {{std::string(kMutating), "errand"}, {"77aa", 0}}},
                     false};

TEST(GuardRecordTest, ItComesBackAsItWasWritten) {
  const json written = encode(kRecord, "errand-system");
  EXPECT_EQ(written["data"].dump(), R"({"MutatingWebhookConfiguration.errand":"77aa 0",)"
                                    R"("ValidatingAdmissionPolicy.errand-tokens":"0f3c 3",)"
                                    R"("since":"2026-11-24T12:00:00Z"})");
  EXPECT_EQ(written["metadata"]["name"], "errand-guards");
  const auto read = decodeRecord(written);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(*read, kRecord);
  Record doubted = kRecord;
  doubted.doubted = true;
  EXPECT_EQ(*decodeRecord(encode(doubted, "errand-system")), doubted);
}

TEST(GuardRecordTest, AnythingElseIsNoRecord) {
  const auto decodes = [](const char* data) {
    return decodeRecord(json{{"data", json::parse(data)}}).has_value();
  };
  EXPECT_TRUE(decodes(R"({"since": "2026-11-24T12:00:00Z"})"));
  EXPECT_FALSE(decodes("{}"));
  EXPECT_FALSE(decodes(R"({"since": "yesterday"})"));
  for (const char* entry : {"", "uid", " 1", "uid ", "uid x", "uid 1 2"})
    EXPECT_FALSE(
        decodeRecord(json{{"data", {{"since", "2026-11-24T12:00:00Z"}, {"Kind.name", entry}}}}).has_value())
        << entry;
  EXPECT_FALSE(decodes(R"({"since": "2026-11-24T12:00:00Z", "nodot": "uid 1"})"));
  EXPECT_FALSE(decodes(R"({"since": 3})"));
}

}  // namespace
}  // namespace errand::guards
