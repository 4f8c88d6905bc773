#include <gmock/gmock.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "core/serve/server.hpp"
#include "tests/unit/core/serve/certificates.hpp"
#include "tests/unit/core/serve/client.hpp"

namespace errand::serve {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// Blocks SIGPIPE in this thread. OpenSSL's socket BIO raises it when the server
// has closed the connection. The server's own threads must not need this.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() {
    constexpr timespec kNow{};
    while (sigtimedwait(&pipe_, nullptr, &kNow) > 0) {
    }
    pthread_sigmask(SIG_UNBLOCK, &pipe_, nullptr);
  }

 private:
  sigset_t pipe_{};
};

// A blocking client that takes any certificate.
class TlsClient {
 public:
  explicit TlsClient(const Server& server) : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    bio_.reset(BIO_new_ssl_connect(context_.get()));
    BIO_set_conn_hostname(bio_.get(), server.address().c_str());
    done_ = BIO_do_handshake(bio_.get()) == 1;
    ERR_clear_error();
  }

  bool done() const { return done_; }

  // Resumes the TLS session of an earlier connection and takes over its context.
  explicit TlsClient(const Server& server, TlsClient& earlier) : context_(std::move(earlier.context_)) {
    SSL* before = nullptr;
    BIO_get_ssl(earlier.bio_.get(), &before);
    SSL_SESSION* const session = SSL_get1_session(before);
    bio_.reset(BIO_new_ssl_connect(context_.get()));
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_.get(), &ssl);
    SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
    BIO_set_conn_hostname(bio_.get(), server.address().c_str());
    done_ = BIO_do_handshake(bio_.get()) == 1;
    ERR_clear_error();
  }

  bool resumed() {
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_.get(), &ssl);
    return SSL_session_reused(ssl) == 1;
  }

  std::string subject() {
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_.get(), &ssl);
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(ssl), X509_free);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name, sizeof name);
    return name;
  }

  void send(std::string_view bytes) { BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size())); }

  // An answer that fits in one record.
  std::string receive() {
    char bytes[16384];
    const int size = BIO_read(bio_.get(), bytes, sizeof bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
  }

  // True if the server sent close_notify (RFC 8446, section 6.1) instead of only closing the connection.
  bool toldGoodbye() {
    if (!receive().empty()) return false;
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_.get(), &ssl);
    return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio_{nullptr, BIO_free_all};
  bool done_ = false;
};

const std::string kRequest = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

class Https : public testing::Test {
 protected:
  Https() {
    std::filesystem::create_directories(folder_);
    write("before");
  }
  ~Https() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name) {
    const test::Pair pair = test::makePair(name);
    std::ofstream(files_.certificate) << pair.certificate;
    std::ofstream(files_.key) << pair.key;
  }

  std::unique_ptr<Server> serve(Limits limits = {}) {
    Options options;
    options.tls = files_;
    options.reload = 5ms;
    options.limits = limits;
    auto server = Server::start(
        options, Routes({{"POST", "/echo", "", [](const Request& request, std::chrono::milliseconds) {
                            return Response{200, std::string(request.body)};
                          }}}));
    EXPECT_TRUE(server) << server.error().message;
    return std::move(*server);
  }

  const std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) /
                                        ("https_" + std::to_string(::getpid()) + "_" +
                                         testing::UnitTest::GetInstance()->current_test_info()->name());
  const CertificateFiles files_{folder_ / "tls.crt", folder_ / "tls.key"};
};

TEST_F(Https, AnswersManyClientsAtOnce) {
  const auto server = serve();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        TlsClient client(*server);
        for (int n = 0; n < 20; ++n) {
          client.send(kRequest);
          answered += client.receive().starts_with("HTTP/1.1 200 OK\r\n") ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(answered, 160);
}

TEST_F(Https, DrainSaysGoodbye) {
  const auto server = serve();
  TlsClient client(*server);
  client.send(kRequest);
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  std::jthread drain([&] { EXPECT_TRUE(server->drain(5s)); });
  EXPECT_TRUE(client.toldGoodbye());
}

TEST_F(Https, ABodyThatIsTooLargeIsAnsweredWhileItIsSent) {
  const auto server = serve({.bodyBytes = 10});
  TlsClient client(*server);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'a'));
  EXPECT_THAT(client.receive(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(Https, ARenewedCertificateIsServedAndConnectionsGoOn) {
  const auto server = serve();
  TlsClient kept(*server);
  EXPECT_EQ(kept.subject(), "before");
  write("after");
  while (TlsClient(*server).subject() != "after") std::this_thread::yield();
  kept.send(kRequest);
  EXPECT_THAT(kept.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(server->certificate());
}

TEST_F(Https, ASessionIsResumed) {
  const auto server = serve();
  TlsClient first(*server);
  first.send(kRequest);
  EXPECT_THAT(first.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  TlsClient second(*server, first);
  EXPECT_TRUE(second.resumed());
  second.send(kRequest);
  EXPECT_THAT(second.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Https, PipelinedRequestsInOneRecordAreAllAnswered) {
  const auto server = serve();
  TlsClient client(*server);
  std::string many;
  for (int i = 0; i < 50; ++i) many += kRequest;
  client.send(many);
  std::string answers;
  const auto count = [&] {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = answers.find("\r\n\r\n{}", at)) != std::string::npos; ++at) ++n;
    return n;
  };
  while (count() < 50) {
    const std::string more = client.receive();
    ASSERT_FALSE(more.empty());
    answers += more;
  }
  EXPECT_EQ(count(), 50u);
}

TEST_F(Https, ABodyAfter100ContinueIsTaken) {
  const auto server = serve();
  TlsClient client(*server);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("{}");
  EXPECT_THAT(client.receive(), HasSubstr("\r\n\r\n{}"));
}

TEST_F(Https, CloseIsSaidByTlsToo) {
  const auto server = serve();
  TlsClient client(*server);
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_THAT(client.receive(), HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.toldGoodbye());
}

TEST_F(Https, NoHandshakeIsClosedAndTheNextIsServed) {
  const auto server = serve({.handshake = 20ms});
  for (const char* bytes :
       {"", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x40", "\x16\x03\x01\x00\x05garbage"}) {
    test::Client client(server->port());
    client.send(bytes);
    // An alert may come first.
    while (!client.closed()) client.answer();
  }
  // On a busy machine, even a good handshake can take longer than 20 ms.
  const NoBrokenPipe quiet;
  std::string answer;
  for (int tries = 0; answer.empty() && tries < 100; ++tries) {
    TlsClient next(*server);
    if (!next.done()) continue;
    next.send(kRequest);
    answer = next.receive();
  }
  EXPECT_THAT(answer, HasSubstr("\r\n\r\n{}"));
}

}  // namespace
}  // namespace errand::serve
