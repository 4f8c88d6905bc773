#include "core/serve/http/reader.hpp"

#include <gmock/gmock.h>

namespace errand::serve {
namespace {

using Stage = RequestReader::Stage;
using testing::HasSubstr;

constexpr std::size_t kHeader = 256, kBody = 64;
const std::string kStart = "POST /a?b HTTP/1.1\r\nHost: x\r\n";

// Feeds `bytes` in pieces of `step`, as a socket might give them.
RequestReader readInSteps(const std::string& bytes, std::size_t step) {
  RequestReader reader(kHeader, kBody);
  std::string pending;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    pending += bytes.substr(at, step);
    std::size_t used = 0;
    do {
      used = reader.feed(pending);
      pending.erase(0, used);
    } while (used > 0 && !pending.empty());
  }
  return reader;
}

TEST(Reader, ReadsTheSameHoweverTheBytesAreCut) {
  for (const std::string& bytes :
       {kStart + "Content-Length: 5\r\n\r\nhello",
        kStart + "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: t\r\n\r\n"}) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const RequestReader reader = readInSteps(bytes, step);
      ASSERT_EQ(reader.stage(), Stage::Whole) << step;
      const Request request = reader.request();
      EXPECT_EQ(request.method, "POST");
      EXPECT_EQ(request.path, "/a");
      EXPECT_EQ(request.query, "b");
      EXPECT_EQ(request.body, "hello");
    }
  }
}

// Beast asserts so where the size of the last chunk comes first and the rest in pieces. Found by fuzzing.
TEST(Reader, ABodyThatIsOnlyTheLastChunkMayComeInPieces) {
  const std::string bytes = kStart + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const RequestReader reader = readInSteps(bytes, step);
    ASSERT_EQ(reader.stage(), Stage::Whole) << step;
    EXPECT_EQ(reader.request().body, "");
  }
}

TEST(Reader, AHeaderIsBoundedTheSameHoweverItIsCut) {
  for (const std::size_t over : {0u, 1u, 4u}) {
    const std::string start = kStart + "Content-Length: 0\r\nX: ";
    const std::string bytes = start + std::string(kHeader + over - start.size() - 4, 'x') + "\r\n\r\n";
    ASSERT_EQ(bytes.size(), kHeader + over);
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const RequestReader reader = readInSteps(bytes, step);
      ASSERT_EQ(reader.stage(), over == 0 ? Stage::Whole : Stage::Refused) << over << ' ' << step;
      if (over > 0) {
        EXPECT_EQ(reader.refusal().excess, Excess::HeaderBytes);
      }
    }
  }
}

TEST(Reader, ABodyOfUnknownLengthHasABoundOfItsOwn) {
  const std::string head = kStart + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  std::string bytes = head;
  for (std::size_t size = 0; size < kUnknownLengthBytes; size += 0x10000) bytes += chunk;
  const auto read = [](const std::string& all, std::size_t most) {
    RequestReader reader(kHeader, most);
    std::size_t used = 0, last = 1;
    while (last > 0) used += last = reader.feed(std::string_view(all).substr(used));
    return reader;
  };
  EXPECT_EQ(read(bytes + "0\r\n\r\n", 2 * kUnknownLengthBytes).stage(), Stage::Whole);
  const RequestReader over = read(bytes + "1\r\nx\r\n0\r\n\r\n", 2 * kUnknownLengthBytes);
  ASSERT_EQ(over.stage(), Stage::Refused);
  EXPECT_EQ(over.refusal().response.status, 411);
  EXPECT_EQ(over.refusal().excess, Excess::BodyBytes);
  EXPECT_EQ(read(bytes, kUnknownLengthBytes / 2).refusal().response.status, 413);
}

TEST(Reader, StopsAtTheEndOfTheHeaderAndOfTheRequest) {
  RequestReader reader(kHeader, kBody);
  const std::string head = kStart + "Content-Length: 2\r\n\r\n";
  const std::string bytes = head + "{}GET /next";
  EXPECT_EQ(reader.feed(bytes), head.size());
  EXPECT_EQ(reader.stage(), Stage::Body);
  EXPECT_EQ(reader.feed(bytes.substr(head.size())), 2u);
  EXPECT_EQ(reader.stage(), Stage::Whole);
  EXPECT_EQ(reader.feed("GET /next"), 0u);
}

// Beast keeps asking for more where a chunk's extension or a trailer does not end.
TEST(Reader, BoundsWhatStandsBesideChunks) {
  for (const std::string& start : {std::string("1;"), std::string("0\r\nX: ")}) {
    const RequestReader reader = readInSteps(
        kStart + "Transfer-Encoding: chunked\r\n\r\n" + start + std::string(2 * kHeader, 'e'), 100);
    ASSERT_EQ(reader.stage(), Stage::Refused) << start;
    EXPECT_EQ(reader.refusal().response.status, 431);
  }
}

TEST(Reader, SaysWhichBoundWasHit) {
  const struct {
    std::string bytes;
    int status;
    Excess excess;
  } cases[] = {
      {kStart + "X: " + std::string(kHeader, 'x'), 431, Excess::HeaderBytes},
      {kStart + "Content-Length: 65\r\n\r\n", 413, Excess::BodyBytes},
      {kStart + "Transfer-Encoding: chunked\r\n\r\n41\r\n" + std::string(65, 'a'), 413, Excess::BodyBytes},
      {kStart + "\r\n", 411, Excess::None},
      {kStart + "Content-Length: -1\r\n\r\n", 400, Excess::None},
      {kStart + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, Excess::None},
      {kStart + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400, Excess::None},
      {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400, Excess::None},
  };
  for (const auto& c : cases) {
    const RequestReader reader = readInSteps(c.bytes, c.bytes.size());
    ASSERT_EQ(reader.stage(), Stage::Refused) << c.bytes;
    EXPECT_EQ(reader.refusal().response.status, c.status) << c.bytes;
    EXPECT_EQ(reader.refusal().excess, c.excess) << c.bytes;
    EXPECT_GT(reader.refusal().response.body.size(), 1u);
  }
}

TEST(Reader, AnHttp10ClientIsNotKept) {
  const RequestReader reader = readInSteps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 100);
  ASSERT_EQ(reader.stage(), Stage::Whole);
  EXPECT_FALSE(reader.keepAlive());
}

}  // namespace
}  // namespace errand::serve
