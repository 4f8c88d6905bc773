// The reader rejects, with a reason, JSON that two parsers could understand differently or that would exhaust
// one.
#include "rules/view/admission.hpp"

#include <gmock/gmock.h>

namespace errand::rules {
namespace {

using testing::HasSubstr;

std::string review(std::string_view fields) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",)" + std::string(fields) + "}";
}

std::string inObject(std::string_view value) {
  return review(R"("request":{"uid":"u","operation":"CREATE","resource":{"version":"v1","resource":"pods"},)"
                R"("object":{"metadata":{},"spec":{},"x":)" +
                std::string(value) + "}}");
}

std::string nested(std::string_view open, std::string_view close, size_t depth) {
  std::string out;
  for (size_t i = 0; i < depth; ++i) out += open;
  out += "0";
  for (size_t i = 0; i < depth; ++i) out += close;
  return out;
}

std::string whyNot(const std::string& body) {
  const auto read = readAdmission(body);
  return read ? "" : read.error().message;
}

// Three objects stand around the value: the review, the request and the object.
TEST(Admission, NestsAHundredDeepAndNoDeeper) {
  EXPECT_EQ(whyNot(inObject(nested("[", "]", 97))), "");
  EXPECT_EQ(whyNot(inObject(nested(R"({"a":)", "}", 97))), "");
  EXPECT_EQ(whyNot(inObject(nested("[", "]", 98))), "JSON nested deeper than 100");
  EXPECT_EQ(whyNot(inObject(nested(R"({"a":)", "}", 98))), "JSON nested deeper than 100");
  EXPECT_EQ(whyNot(std::string(1 << 20, '[') + std::string(1 << 20, ']')), "JSON nested deeper than 100");
}

TEST(Admission, HasEachKeyOnceHoweverItIsWritten) {
  const std::pair<std::string, const char*> cases[] = {
      {review(R"("kind":"AdmissionReview")"), "the key \"kind\" twice"},
      {review(R"("request":{"uid":"u","uid":"u"})"), "the key \"uid\" twice"},
      {review(R"("request":{"uid":"u","\u0075id":"v"})"), "the key \"uid\" twice"},
      {review(R"("request":{"uid":"u","object":null,"object":{}})"), "the key \"object\" twice"},
      {inObject(R"([[{"a":1},{"b":{"c":1,"d":2,"c":1}}]])"), "the key \"c\" twice"},
      {inObject(R"({"":1,"":2})"), "the key \"\" twice"},
      {inObject(R"({"a\u0000":1,"a\u0000":2})"), "twice"},
  };
  for (const auto& [body, why] : cases) EXPECT_THAT(whyNot(body), HasSubstr(why)) << body;
  EXPECT_EQ(whyNot(inObject(R"([{"a":1},{"a":1,"b":{"a":1},"A":1,"a\u0000":1}])")), "");
}

TEST(Admission, FindsAKeyTwiceAmongManyOthers) {
  std::string fields = R"({"first":0)";
  for (int i = 0; i < 500; ++i) fields += ",\"k" + std::to_string(i) + "\":0";
  EXPECT_EQ(whyNot(inObject(fields + "}")), "");
  for (const char* key : {"first", "k0", "k250", "k499"})
    EXPECT_THAT(whyNot(inObject(fields + ",\"" + key + "\":1}")), HasSubstr(key)) << key;
}

TEST(Admission, IsUtf8) {
  for (const char* bytes : {"\xff", "\xc3", "\xc3\x28", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    const std::string text(bytes);
    EXPECT_EQ(whyNot(inObject("\"" + text + "\"")), "JSON that is not valid UTF-8");
    EXPECT_EQ(whyNot(inObject("{\"" + text + "\":1}")), "JSON that is not valid UTF-8") << "in a key";
  }
  for (const char* escaped : {R"("\ud800")", R"("\ud800\u0041")", R"("\udc00")"})
    EXPECT_THAT(whyNot(inObject(escaped)), HasSubstr("not valid JSON")) << escaped;
  EXPECT_EQ(whyNot(inObject("\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x94\x91 \\ud83d\\udd11\"")), "");
}

// encoding/json takes "UID" for "uid" and Kubernetes' own decoder does not.
TEST(Admission, TellsItsOwnKeysApartByCase) {
  const std::pair<std::string, const char*> cases[] = {
      {R"({"apiversion":"admission.k8s.io/v1","kind":"AdmissionReview"})", "apiversion is no field"},
      {R"({"apiVersion":"admission.k8s.io/v1","Kind":"AdmissionReview"})", "write \"kind\""},
      {review(R"("Request":{"uid":"u"})"),
       "Request is no field: keys are told apart by case, write \"request\""},
      {review(R"("request":{"uid":"u"},"REQUEST":{"uid":"v"})"), "write \"request\""},
      {review(R"("request":{"uid":"u","UID":"v"})"), "request.UID is no field"},
      {review(R"("request":{"uid":"u","subresource":"status"})"), "write \"subResource\""},
      {review(R"("request":{"uid":"u","oldobject":{}})"), "write \"oldObject\""},
      {review(R"("request":{"uid":"u","resource":{"Resource":"pods"}})"),
       "request.resource.Resource is no field"},
      {review(R"("request":{"uid":"u","userInfo":{"userName":"x"}})"),
       "request.userInfo.userName is no field"},
  };
  for (const auto& [body, why] : cases) EXPECT_THAT(whyNot(body), HasSubstr(why)) << body;
  EXPECT_EQ(whyNot(inObject(R"({"labels":{"App":"a","app":"b"}})")), "")
      << "an object's own keys are its author's";
}

TEST(Admission, QuotesAHostileKeyHarmlessly) {
  const std::string key = R"(\n\u001b[31m)" + std::string(300, 'x');
  const std::string why = whyNot(inObject("{\"" + key + "\":1,\"" + key + "\":2}"));
  EXPECT_THAT(why, HasSubstr("twice"));
  EXPECT_LT(why.size(), 120u);
  for (const char c : why) EXPECT_GE(c, ' ');
}

// A parsed text takes many times the memory of the text.
TEST(Admission, HasABoundedNumberOfEntries) {
  const auto list = [](std::string_view item, size_t count) {
    std::string out = "[";
    for (size_t i = 0; i < count; ++i) out.append(i > 0 ? "," : "").append(item);
    return out + "]";
  };
  const auto pod = [&](const std::string& spec) {
    const auto read = readAdmission(
        review(R"("request":{"uid":"u","operation":"CREATE","resource":{"version":"v1","resource":"pods"},)"
               R"("object":{"metadata":{},"spec":)" +
               spec + "}}"));
    if (!read) return read.error().message;
    const auto* unreadable = std::get_if<Unreadable>(&read->request);
    return unreadable == nullptr ? std::string() : unreadable->message;
  };
  const char* const tooMuch = "is too much: one review has 65536 entries of lists and maps at most";
  EXPECT_EQ(pod(R"({"containers":)" + list("{}", 1000) + "}"), "");
  EXPECT_THAT(pod(R"({"containers":)" + list("{}", 70'000) + "}"), HasSubstr(tooMuch));
  EXPECT_THAT(pod(R"({"containers":[{"args":)" + list(R"("")", 70'000) + "}]}"), HasSubstr(tooMuch));
  EXPECT_THAT(pod(R"({"unknown":)" + list(R"("")", 70'000) + "}"), HasSubstr(tooMuch));
  EXPECT_THAT(whyNot(review(R"("request":{"uid":"u","userInfo":{"groups":)" + list(R"("")", 70'000) + "}}")),
              HasSubstr(tooMuch));
}

TEST(Admission, APathIsNoLongerThanOneCanRead) {
  const std::string key(1 << 20, 'k');
  std::string strings = "[\"\"";
  for (int i = 0; i < 10'000; ++i) strings += ",\"\"";
  const auto read = readAdmission(
      review(R"("request":{"uid":"u","operation":"CREATE","resource":{"version":"v1","resource":"pods"},)"
             R"("object":{"metadata":{},"spec":{")" +
             key + R"(":)" + strings + "]}}}"));
  ASSERT_TRUE(read);
  const auto& texts = std::get<PodCreate>(read->request).pod.texts;
  ASSERT_GT(texts.size(), 10'000u);
  for (const Text& text : texts) ASSERT_LT(text.path.size(), 1024u);
}

}  // namespace
}  // namespace errand::rules
