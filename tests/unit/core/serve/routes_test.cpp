#include "core/serve/routes.hpp"

#include <gmock/gmock.h>

namespace errand::serve {
namespace {

using testing::ElementsAre;

Handler saying(const std::string& word) {
  return [word](const Request&, std::chrono::milliseconds) { return Response{200, word}; };
}

const Routes& table() {
  static const Routes table({{"POST", "/validate", "application/json", saying("validated")},
                             {"GET", "/rules", "", saying("read")},
                             {"PUT", "/rules", "", saying("written")}});
  return table;
}

Request request(std::string_view method, std::string_view path, std::string_view contentType = "") {
  return {method, path, "", contentType, ""};
}

Response refusalOf(const Request& r) { return std::get<Response>(table().find(r)); }

TEST(Routes, FindsByMethodAndPath) {
  const auto found = table().find(request("PUT", "/rules"));
  const Answer answer = std::get<const Route*>(found)->handler(request("PUT", "/rules"), {});
  EXPECT_EQ(std::get<Response>(answer).body, "written");
}

TEST(Routes, UnknownPathIs404) {
  for (const char* path : {"/", "", "/validate/", "/Validate", "/%76alidate", "/validatex"}) {
    EXPECT_EQ(refusalOf(request("POST", path, "application/json")).status, 404) << path;
  }
}

TEST(Routes, UnknownMethodIs405AndSaysWhichAreAllowed) {
  const Response refusal = refusalOf(request("DELETE", "/rules"));
  EXPECT_EQ(refusal.status, 405);
  EXPECT_THAT(refusal.headers, ElementsAre(testing::Pair("Allow", "GET, PUT")));
}

TEST(Routes, OtherContentTypeIs415AndSaysWhichIsTaken) {
  for (const char* type : {"", "text/json", "application/jsonx", "application/yaml; x=application/json"}) {
    const Response refusal = refusalOf(request("POST", "/validate", type));
    EXPECT_EQ(refusal.status, 415) << type;
    EXPECT_THAT(refusal.headers, ElementsAre(testing::Pair("Accept", "application/json")));
  }
}

TEST(Routes, ContentTypeIsComparedWithoutCaseAndParameters) {
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;"}) {
    EXPECT_TRUE(std::holds_alternative<const Route*>(table().find(request("POST", "/validate", type))))
        << type;
  }
}

TEST(Routes, ParameterIsFoundWithAndWithoutValue) {
  EXPECT_TRUE(hasParameter("verbose", "verbose"));
  EXPECT_TRUE(hasParameter("a=1&verbose=true", "verbose"));
  EXPECT_TRUE(hasParameter("&&verbose", "verbose"));
  EXPECT_FALSE(hasParameter("", "verbose"));
  EXPECT_FALSE(hasParameter("verbosely&a=verbose", "verbose"));
}

}  // namespace
}  // namespace errand::serve
