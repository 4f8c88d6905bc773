// Each bound of a server, by what the client sees and by what is counted.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <thread>

#include "core/base/metrics.hpp"
#include "core/serve/server.hpp"
#include "tests/unit/core/serve/client.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;
using test::Client;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kEcho = "POST /echo HTTP/1.1\r\nHost: x\r\n";
const std::string kWhole = kEcho + "Content-Length: 2\r\n\r\n{}";

// A server with a name of its own, so that its series are its own.
class Limited : public testing::Test {
 protected:
  std::unique_ptr<Server> serve(Limits limits) {
    Options options;
    options.name = testing::UnitTest::GetInstance()->current_test_info()->name();
    options.limits = limits;
    options.threads = 1;  // what a client has sent is read before what a later one sends
    return std::move(*Server::start(
        options, Routes({{"POST", "/echo", "",
                          [](const Request& r, std::chrono::milliseconds) {
                            return Response{200, std::string(r.body)};
                          }},
                         {"POST", "/never", "", [this](const Request&, std::chrono::milliseconds) -> Answer {
                            asked_ = true;
                            asked_.notify_all();
                            return Later{1ms};
                          }}})));
  }

  std::atomic<bool> asked_ = false;  // whether /never has been

  static void expectServed(Client& client) {
    client.send(kWhole);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 "));
  }

  static double hits(const std::string& limit) {
    return metrics::counter(
               "errand_http_limit_hits_total", "",
               {{"server", testing::UnitTest::GetInstance()->current_test_info()->name()}, {"limit", limit}})
        .value();
  }

  static double answered(const std::string& path, const std::string& code) {
    return metrics::counter("controller_runtime_webhook_requests_total", "",
                            {{"server", testing::UnitTest::GetInstance()->current_test_info()->name()},
                             {"webhook", path},
                             {"code", code}})
        .value();
  }
};

TEST_F(Limited, ASourceWithAllItMayHaveGivesItsLongestIdleForAFurtherOne) {
  const auto server = serve({.connectionsPerSource = 2});
  Client first(server->port()), second(server->port()), other(server->port(), "127.0.0.2");
  for (Client* client : {&first, &second, &other}) expectServed(*client);
  expectServed(first);
  Client third(server->port());
  expectServed(third);
  EXPECT_TRUE(second.closed());
  expectServed(first);
  expectServed(other);
  EXPECT_EQ(hits("connections_per_source"), 1);
  EXPECT_EQ(hits("connections_evicted"), 1);
}

TEST_F(Limited, AFullServerTakesFromWhoHasMost) {
  const auto server = serve({.connections = 3});
  Client control(server->port(), "127.0.0.2"), crowd(server->port()), more(server->port());
  for (Client* client : {&control, &crowd, &more}) expectServed(*client);
  Client further(server->port(), "127.0.0.3");
  expectServed(further);
  EXPECT_TRUE(crowd.closed()) << "although it was answered 200, and the other's is idle longer";
  expectServed(control);
  expectServed(more);
  EXPECT_EQ(hits("connections"), 1);
  EXPECT_EQ(hits("connections_evicted"), 1);
}

TEST_F(Limited, WhatIsSentInPiecesDoesNotKeepAPlace) {
  const auto server = serve({.connections = 2});
  Client drips(server->port()), served(server->port());
  drips.send(kEcho);
  expectServed(served);
  drips.send("X: y\r\n");
  Client further(server->port());
  expectServed(further);
  EXPECT_TRUE(drips.closed());
  expectServed(served);
}

TEST_F(Limited, ARequestUnderWayKeepsItsPlace) {
  const auto server = serve({.connections = 2, .answer = 1h});
  Client waits(server->port());
  waits.send("POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  asked_.wait(false);
  Client idle(server->port());
  expectServed(idle);
  Client further(server->port());
  expectServed(further);
  EXPECT_TRUE(idle.closed());
  while (server->connections() > 2) std::this_thread::yield();
  EXPECT_EQ(server->connections(), 2u) << "the one that waits, and the further one";
}

TEST_F(Limited, TheLargestBodyOfWhoHoldsMostIsCutForAnothers) {
  const auto server = serve({.bodiesBytes = 1000, .body = 1h});
  const std::string begun = kEcho + "Content-Length: 900\r\n\r\n" + std::string(899, 'x');
  Client crowd(server->port());
  crowd.send(begun);
  const auto other = [&] {
    Client client(server->port(), "127.0.0.2");
    client.send(kEcho + "Content-Length: 500\r\n\r\n" + std::string(500, 'x'));
    return client.answer();
  };
  // Until what the crowd holds has come in, there is room for both.
  while (hits("connections_evicted") == 0) EXPECT_THAT(other(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(crowd.closed());
  EXPECT_EQ(hits("bodies_bytes"), 0);
}

TEST_F(Limited, ALingeringCloseIsBounded) {
  constexpr std::size_t kPiece = 64 * 1024;
  const auto server = serve({.headerBytes = 128, .lingering = 1h, .lingeringBytes = kPiece});
  Client client(server->port());
  client.send(kEcho + "X: " + std::string(200, 'x'));
  EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 431 "));
  while (client.send(std::string(kPiece, 'x'))) {
  }
  EXPECT_EQ(hits("lingering_bytes"), 1);
}

TEST_F(Limited, RequestsInFlightAreToldToComeAgain) {
  const auto server = serve({.requests = 1, .answer = 1h});
  Client waits(server->port());
  waits.send("POST /never HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  asked_.wait(false);
  Client other(server->port());
  other.send(kWhole);
  const std::string answer = other.answer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 Too Many Requests\r\n"));
  EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
  EXPECT_EQ(hits("requests"), 1);
  EXPECT_EQ(answered("/echo", "429"), 1);
  EXPECT_EQ(answered("/never", "200"), 0);
}

TEST_F(Limited, TimesAreCountedByPhase) {
  const auto server = serve({.header = 20ms, .body = 20ms, .idle = 20ms});
  const auto closes = [&](const std::string& start) {
    Client client(server->port());
    client.send(start);
    client.answer();
    EXPECT_TRUE(client.closed());
  };
  closes("");
  closes("POST");
  closes(kEcho + "Content-Length: 3\r\n\r\n{");
  closes(kWhole);
  EXPECT_EQ(hits("header_time"), 2);
  EXPECT_EQ(hits("body_time"), 1);
  EXPECT_EQ(hits("idle_time"), 1);
}

TEST_F(Limited, SizesAreCountedAndAnswered) {
  const auto server = serve({.headerBytes = 128, .bodyBytes = 10, .lingering = 100ms});
  const auto answer = [&](const std::string& bytes) {
    Client client(server->port());
    client.send(bytes);
    return client.answer();
  };
  EXPECT_THAT(answer(kEcho + "X: " + std::string(200, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer(kEcho + "Content-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer(kEcho + "\r\n"), StartsWith("HTTP/1.1 411 "));
  EXPECT_EQ(hits("header_bytes"), 1);
  EXPECT_EQ(hits("body_bytes"), 1);
  EXPECT_EQ(answered("other", "411"), 1);
}

// RFC 9110, section 9.3.2: a body after HEAD would be taken for the next answer.
TEST_F(Limited, AnAnswerToHeadHasNoBody) {
  const auto server = serve({});
  Client client(server->port());
  client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n" + kWhole);
  std::string all = client.answer();
  while (all.find("200 OK") == std::string::npos) {
    const std::string more = client.answer();
    ASSERT_FALSE(more.empty());
    all += more;
  }
  EXPECT_THAT(all, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(all, HasSubstr("\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace errand::serve
