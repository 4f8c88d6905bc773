#include "core/api/secret.hpp"

#include <gtest/gtest.h>

namespace errand::api {
namespace {

TEST(Secret, ItsValuesAndWhatItIs) {
  const auto read = readSecret(
      Sensitive(R"({"metadata":{"uid":"u"},"type":"Opaque","data":{"a":"dmFsdWU=","b":"!","c":7,"d":""}})"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->uid, "u");
  EXPECT_EQ(read->type, "Opaque");
  EXPECT_EQ(read->value("a").reveal(), "value");
  EXPECT_EQ(read->data.at("a").reveal(), "dmFsdWU=");
  for (const char* none : {"b", "c", "d", "e"}) EXPECT_TRUE(read->value(none).empty()) << none;
  EXPECT_FALSE(read->data.contains("c"));
}

TEST(Secret, OddTextIsNoException) {
  EXPECT_FALSE(readSecret(Sensitive("{")).has_value());
  for (const char* odd : {"[]", "7", R"({"data":[],"metadata":1,"type":{}})", R"({"data":null})"}) {
    const auto read = readSecret(Sensitive(odd));
    ASSERT_TRUE(read.has_value()) << odd;
    EXPECT_TRUE(read->data.empty() && read->uid.empty() && read->type.empty()) << odd;
  }
}

}  // namespace
}  // namespace errand::api
