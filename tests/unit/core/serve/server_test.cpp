#include "core/serve/server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "tests/unit/core/serve/client.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;
using test::Client;
using testing::HasSubstr;
using testing::StartsWith;

std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return std::string("POST ")
      .append(path)
      .append(" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
      .append(more)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

Routes routes() {
  return Routes({
      {"POST", "/echo", "application/json",
       [](const Request& r, std::chrono::milliseconds) { return Response{200, std::string(r.body)}; }},
      {"POST", "/throw", "",
       [](const Request&, std::chrono::milliseconds) -> Answer { throw std::runtime_error("secret"); }},
      {"POST", "/later", "",
       [](const Request& r, std::chrono::milliseconds waited) -> Answer {
         if (waited < 3ms) return Later{1ms};
         return Response{200, std::string(r.body)};
       }},
      {"POST", "/never", "", [](const Request&, std::chrono::milliseconds) -> Answer { return Later{10ms}; }},
  });
}

// With one thread, what a client has sent is read before what a later one sends.
std::unique_ptr<Server> serve(Limits limits = {}, Routes table = routes(), std::size_t threads = 2) {
  Options options;
  options.limits = limits;
  options.threads = threads;
  Result<std::unique_ptr<Server>> server = Server::start(options, std::move(table));
  EXPECT_TRUE(server) << server.error().message;
  return std::move(*server);
}

void expectServes(const Server& server) {
  Client client(server.port());
  client.send(post("/echo", "{}"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(Server, KeepsAConnectionForManyRequests) {
  const auto server = serve();
  Client client(server->port());
  for (int i = 0; i < 100; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 100, 'a');
    ASSERT_TRUE(client.send(post("/echo", body)));
    ASSERT_THAT(client.answer(), testing::EndsWith("\r\n\r\n" + body));
  }
  EXPECT_EQ(server->connections(), 1u);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  Client client(server->port());
  client.send(post("/echo", "first") + post("/later", "second") + post("/echo", "third"));
  EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\nfirst"));
  EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\nsecond"));
  EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\nthird"));
}

TEST(Server, TakesAChunkedBodyAndSaysContinue) {
  const auto server = serve();
  Client client(server->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 100 Continue\r\n"));
  client.send("5\r\nhello\r\n0\r\n\r\n");
  EXPECT_THAT(client.answer(), HasSubstr("\r\n\r\nhello"));
}

TEST(Server, ClosesWhenAskedTo) {
  const auto server = serve();
  Client client(server->port());
  client.send(post("/echo", "{}", "Connection: close\r\n"));
  EXPECT_THAT(client.answer(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.closed());
}

TEST(Server, AHandlersExceptionIs500AndSaysNothingOfIt) {
  const auto server = serve();
  Client client(server->port());
  client.send(post("/throw", "{}"));
  const std::string answer = client.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, testing::Not(HasSubstr("secret")));
  client.send(post("/echo", "{}"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
}

TEST(Server, LaterWithoutEndIs503) {
  const auto server = serve({.answer = 30ms});
  Client client(server->port());
  client.send(post("/never", "{}"));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 503 "));
}

struct Refused {
  const char* name;
  std::string bytes;
  const char* status;
};
void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

class BadRequest : public testing::TestWithParam<Refused> {};

TEST_P(BadRequest, IsAnsweredAndClosedAndTheNextIsServed) {
  const auto server = serve({.headerBytes = 1024, .bodyBytes = 100, .lingering = 100ms});
  Client client(server->port());
  client.send(GetParam().bytes);
  const std::string answer = client.answer();
  EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + GetParam().status + " "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.closed());
  expectServes(*server);
}

const std::string kHead = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

INSTANTIATE_TEST_SUITE_P(
    All, BadRequest,
    testing::Values(
        Refused{"Garbage", "\x16\x03\x01\x02 nonsense\r\n\r\n", "400"},
        Refused{"BadVersion", "POST /echo HTTP/9.9\r\n\r\n", "400"},
        Refused{"NoHost", "POST /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "400"},
        Refused{"NegativeLength", kHead + "Content-Length: -1\r\n\r\n", "400"},
        Refused{"HugeLength", kHead + "Content-Length: 99999999999999999999\r\n\r\n", "400"},
        Refused{"TwoLengths", kHead + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "400"},
        Refused{"LengthAndChunked", kHead + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
                "400"},
        Refused{"ChunkedAndLength", kHead + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
                "400"},
        Refused{"GzipEncoding", kHead + "Transfer-Encoding: gzip\r\n\r\n{}", "400"},
        Refused{"TwoEncodings", kHead + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"},
        Refused{"NegativeChunk", kHead + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "400"},
        Refused{"OverlongChunk", kHead + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\n",
                "400"},
        Refused{"LargeBody", kHead + "Content-Length: 101\r\n\r\n", "413"},
        Refused{"LargeChunks",
                kHead + "Transfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'a') + "\r\n", "413"},
        Refused{"LargeHeader", kHead + "X: " + std::string(2000, 'x') + "\r\n\r\n", "431"},
        Refused{"OtherType",
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n",
                "415"},
        Refused{"OtherPath", "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "404"},
        Refused{"OtherMethod", "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", "405"}),
    [](const auto& test) { return test.param.name; });

TEST(Server, ClosesWhatIsTooSlow) {
  const auto server = serve({.header = 20ms, .body = 20ms, .idle = 20ms});
  for (const std::string& start :
       {std::string(), std::string("POST /echo HT"), kHead + "Content-Length: 10\r\n\r\n{"}) {
    Client client(server->port());
    client.send(start);
    EXPECT_TRUE(client.closed()) << start;
  }
  Client idle(server->port());
  idle.send(post("/echo", "{}"));
  EXPECT_THAT(idle.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(idle.closed());
  expectServes(*server);
}

TEST(Server, AFullServerServesTheNextClient) {
  const auto server = serve({.connections = 1});
  for (int i = 0; i < 20; ++i) {
    Client first(server->port()), second(server->port());
    second.send(post("/echo", "{}"));
    EXPECT_THAT(second.answer(), StartsWith("HTTP/1.1 200 "));
    EXPECT_TRUE(first.closed());
  }
}

TEST(Server, EndsAConnectionWithItsAnswerWhereItIsToldTo) {
  Options options;
  options.keepAlive = false;
  const auto server = std::move(*Server::start(options, routes()));
  Client client(server->port());
  client.send(post("/echo", "{}"));
  EXPECT_THAT(client.answer(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.closed());
}

TEST(Server, ALargeBodyIsAnsweredFromAnotherThread) {
  std::mutex mutex;
  std::set<std::thread::id> small, large;
  const auto server = serve(
      {.smallBytes = 10}, Routes({{"POST", "/echo", "", [&](const Request& r, auto waited) -> Answer {
                                     const std::lock_guard lock(mutex);
                                     (r.body.size() > 10 ? large : small).insert(std::this_thread::get_id());
                                     if (waited < 3ms) return Later{1ms};
                                     return Response{200, std::string(r.body)};
                                   }}}));
  Client client(server->port());
  for (const std::size_t size : {1, 11, 10, 1000}) {
    client.send(post("/echo", std::string(size, 'a')));
    EXPECT_THAT(client.answer(), testing::EndsWith("\r\n\r\n" + std::string(size, 'a')));
  }
  for (const std::thread::id thread : small) EXPECT_FALSE(large.contains(thread));
}

// One party's long reviews keep neither another's small ones waiting nor its large ones.
TEST(Server, ALongReviewKeepsNobodyElseWaiting) {
  std::latch begun(1), go(1);
  Options options;
  options.limits = {.smallBytes = 10};
  options.party = [](const Request& r) { return r.body.substr(0, 1); };
  const auto server =
      std::move(*Server::start(options, Routes({{"POST", "/judge", "", [&](const Request& r, auto) -> Answer {
                                                   if (r.body.starts_with("long")) {
                                                     begun.count_down();
                                                     go.wait();
                                                   }
                                                   return Response{200, "done"};
                                                 }}})));
  Client slow(server->port());
  slow.send(post("/judge", "long" + std::string(100, 'x')));
  begun.wait();
  Client next(server->port());
  next.send(post("/judge", "l" + std::string(100, 'x')));
  for (const std::string& body : {std::string("x"), std::string(100, 'x')}) {
    Client other(server->port());
    other.send(post("/judge", body));
    EXPECT_THAT(other.answer(), HasSubstr("done"));
  }
  go.count_down();
  for (Client* client : {&slow, &next}) EXPECT_THAT(client->answer(), HasSubstr("done"));
}

TEST(Server, AClientThatLeavesALongReviewIsForgottenOnceThatIsOver) {
  std::latch begun(1), go(1);
  auto server = serve({.smallBytes = 0}, Routes({{"POST", "/judge", "", [&](const Request&, auto) -> Answer {
                                                    begun.count_down();
                                                    go.wait();
                                                    return Response{200, "done"};
                                                  }}}));
  {
    Client client(server->port());
    client.send(post("/judge", "x"));
    begun.wait();
  }
  std::jthread later([&] { go.count_down(); });
  server.reset();
}

TEST(Server, AsksAgainOnceWhatIsWaitedForIsReadyOrPatienceIsOver) {
  std::atomic<int> calls = 0;
  std::atomic<bool> ready = false;
  const auto server = serve({}, Routes({{"POST", "/wait", "", [&](const Request&, auto waited) -> Answer {
                                           ++calls;
                                           if (ready || waited >= 60ms)
                                             return Response{200, ready ? "ready" : "over"};
                                           return Later{1ms, [&] { return ready.load(); }, 60ms};
                                         }}}));
  Client client(server->port());
  client.send(post("/wait", "{}"));
  EXPECT_THAT(client.answer(), HasSubstr("over"));
  EXPECT_EQ(calls, 2);
  client.send(post("/wait", "{}"));
  while (calls < 3) std::this_thread::yield();
  ready = true;
  EXPECT_THAT(client.answer(), HasSubstr("ready"));
  EXPECT_EQ(calls, 4);
}

// Bodies that are on their way count by what has come of them.
TEST(Server, BoundsAllBodiesTogether) {
  const auto server = serve({.bodiesBytes = 1000, .body = 10s, .lingering = 100ms}, routes(), 1);
  const std::string head = kHead + "Content-Length: 900\r\n\r\n";
  {
    Client claims(server->port()), holds(server->port());
    claims.send(head);
    holds.send(head + std::string(899, 'a'));
    const std::string large = post("/echo", std::string(600, 'a'));
    std::string answer;
    do {
      Client other(server->port());
      other.send(large);
      answer = other.answer();
    } while (answer.starts_with("HTTP/1.1 200 "));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    expectServes(*server);
    holds.send("a");
    EXPECT_THAT(holds.answer(), StartsWith("HTTP/1.1 200 "));
    for (int i = 0; i < 10; ++i) {
      Client after(server->port());
      after.send(large);
      EXPECT_THAT(after.answer(), StartsWith("HTTP/1.1 200 "))
          << "what was answered or refused is given back";
    }
  }
  while (server->connections() > 0) std::this_thread::yield();
  expectServes(*server);
}

TEST(Server, ABodyThatIsAnsweredLaterStillCounts) {
  const auto server = serve({.bodiesBytes = 1000, .answer = 1h, .lingering = 100ms}, routes(), 1);
  Client waits(server->port());
  waits.send(post("/never", std::string(1000, 'a')));
  std::string answer;
  do {
    Client other(server->port());
    other.send(post("/echo", "{}"));
    answer = other.answer();
  } while (answer.starts_with("HTTP/1.1 200 "));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
}

TEST(Server, ServesOnWhileItRetiresAndClosesAfterEachAnswer) {
  const auto server = serve();
  Client kept(server->port());
  kept.send(post("/echo", "{}"));
  EXPECT_THAT(kept.answer(), testing::Not(HasSubstr("Connection: close")));
  server->retire();
  Client fresh(server->port());
  for (Client* client : {&kept, &fresh}) {
    client->send(post("/echo", "{}"));
    const std::string answer = client->answer();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_TRUE(client->closed());
  }
  EXPECT_TRUE(server->drain(5s));
}

TEST(Server, DrainEndsIdleConnectionsAtOnce) {
  const auto server = serve();
  Client client(server->port());
  client.send(post("/echo", "{}"));
  client.answer();
  EXPECT_TRUE(server->drain(5s));
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(Client(server->port()).connected());
}

TEST(Server, DrainAnswersWhatIsUnderWay) {
  std::latch entered(1);
  std::atomic<bool> finish = false;
  const auto server = serve(
      {}, Routes({{"POST", "/wait", "", [&](const Request&, std::chrono::milliseconds waited) -> Answer {
                     if (waited == 0ms) entered.count_down();
                     if (!finish) return Later{1ms};
                     return Response{200, "done"};
                   }}}));
  Client client(server->port());
  client.send(post("/wait", "{}"));
  entered.wait();
  auto drained = std::async(std::launch::async, [&] { return server->drain(5s); });
  while (Client(server->port()).connected()) std::this_thread::yield();
  finish = true;
  const std::string answer = client.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(drained.get());
}

TEST(Server, WhatOutlastsTheDrainIsCut) {
  auto server = serve({.answer = 1h});
  Client client(server->port());
  client.send(post("/never", "{}"));
  while (server->connections() == 0) std::this_thread::yield();
  EXPECT_FALSE(server->drain(20ms));
  server.reset();
  EXPECT_TRUE(client.closed());
}

TEST(Server, BadOptionsAreErrors) {
  Options options;
  options.listen = "nowhere";
  EXPECT_EQ(Server::start(options, routes()).error().kind, ErrorKind::Invalid);
  options.listen = "127.0.0.1:0";
  options.tls = CertificateFiles{"/nonexistent/tls.crt", "/nonexistent/tls.key"};
  EXPECT_THAT(Server::start(options, routes()).error().message, HasSubstr("/nonexistent/tls.crt"));
}

}  // namespace
}  // namespace errand::serve
