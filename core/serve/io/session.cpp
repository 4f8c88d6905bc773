#include <utility>  // before Asio, which forgets it in Boost 1.74

#include "core/serve/io/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/log.hpp"
#include "core/serve/http/writer.hpp"
#include "core/serve/io/thrown.hpp"

namespace errand::serve {
namespace {

namespace asio = boost::asio;
using Stage = RequestReader::Stage;
using Status = Stream::Status;

Response busy(int status, const char* why) {
  Response out = text(status, why);
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

// What one body takes of Limits::bodiesBytes, given back with this object. By
// what has come in and not by Content-Length, which costs a client nothing to claim.
class BodyShare {
 public:
  explicit BodyShare(Shared& shared) : shared_(shared) {}
  BodyShare(const BodyShare&) = delete;
  ~BodyShare() { release(); }

  void release() { shared_.bodies -= std::exchange(held_, 0); }

  // Counts `size` bytes in all; false where that is more than may be held.
  bool hold(std::size_t size) {
    const std::size_t more = size - held_;
    held_ = size;
    return (shared_.bodies += more) <= shared_.limits.bodiesBytes;
  }

 private:
  Shared& shared_;
  std::size_t held_ = 0;
};

// A request that its handler is at, or that waits to be asked again.
class InFlight {
 public:
  InFlight(Shared& shared, const Route& route) : shared_(shared), route_(route) {
    allowed_ = ++shared_.requests <= shared_.limits.requests;
    shared_.meters.begun(&route_);
  }
  InFlight(const InFlight&) = delete;
  ~InFlight() {
    --shared_.requests;
    shared_.meters.ended(&route_);
  }
  bool allowed() const { return allowed_; }

 private:
  Shared& shared_;
  const Route& route_;
  bool allowed_ = false;
};

}  // namespace

Session::Session(asio::ip::tcp::socket socket, TlsContext context, Shared& shared, std::uint64_t number,
                 std::span<char> scratch)
    : shared_(shared),
      number_(number),
      timer_(socket.get_executor()),
      stream_(std::move(socket), std::move(context)),
      scratch_(scratch) {}

void Session::within(std::chrono::milliseconds time, Limit limit) {
  deadline_ = Clock::now() + time;
  limit_ = limit;
  stream_.resume();
}

void Session::expire(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = Clock::time_point::max();
  shared_.meters.hit(limit_);
  stream_.interrupt();
}

void Session::closeIdle() {
  if (idle_) stream_.interrupt();
}

void Session::cut() {
  stream_.cut();
  timer_.cancel();
}

asio::awaitable<void> Session::run() {
  within(shared_.limits.handshake, Limit::Handshake);
  if (co_await stream_.handshake() != Status::Ok) {
    shared_.meters.handshakeFailed();
    co_return;
  }
  bool another = true;
  while (another && !stream_.isCut()) another = co_await exchange();
  if (!present_ || stream_.isCut()) co_return;
  within(shared_.limits.farewell, Limit::WriteTime);
  co_await stream_.goodbye();
  // With data unread, close() would send a reset that can overtake the answer.
  if (!unread_) co_return;
  const bool taken = co_await stream_.drain(scratch_, shared_.limits.farewellBytes);
  if (!taken) shared_.meters.hit(Limit::Farewell);
}

// One request and its answer; whether the connection can carry another.
asio::awaitable<bool> Session::exchange() {
  const bool begun = co_await firstByte();
  if (!begun) co_return false;
  begun_ = Clock::now();
  RequestReader reader(shared_.limits.headerBytes, shared_.limits.bodyBytes);
  const bool readable = co_await readHeader(reader);
  if (!readable) co_return false;

  const std::variant<const Route*, Response> found = shared_.routes.find(reader.request());
  if (const Response* refusal = std::get_if<Response>(&found)) {
    if (reader.stage() != Stage::Whole) co_return co_await refuse(*refusal, nullptr);
    const bool keep = reader.keepAlive() && !shared_.retiring;
    co_return co_await send(*refusal, keep, reader.request().method == "HEAD", nullptr);
  }
  co_return co_await answer(reader, *std::get<const Route*>(found));
}

// Waits for a request to begin, so that a connection kept open between two
// has its own, longer bound.
asio::awaitable<bool> Session::firstByte() {
  if (!pending_.empty()) co_return true;
  if (served_ && shared_.draining) {
    present_ = true;
    co_return false;
  }
  std::string().swap(pending_);
  within(served_ ? shared_.limits.idle : shared_.limits.header, served_ ? Limit::Idle : Limit::HeaderTime);
  idle_ = served_;
  const Stream::Transfer got = co_await stream_.read(scratch_, served_);
  idle_ = false;
  if (got.status != Status::Ok) {
    present_ = got.status == Status::End || (got.status == Status::Interrupted && served_);
    co_return false;
  }
  pending_.assign(scratch_.data(), got.size);
  co_return true;
}

void Session::feed(RequestReader& reader, std::span<const char> more) {
  if (pending_.empty()) {
    const std::size_t used = reader.feed({more.data(), more.size()});
    pending_.assign(more.data() + used, more.size() - used);
  } else {
    pending_.append(more.data(), more.size());
    pending_.erase(0, reader.feed(pending_));
  }
}

asio::awaitable<bool> Session::readHeader(RequestReader& reader) {
  within(shared_.limits.header, Limit::HeaderTime);
  feed(reader, {});
  while (reader.stage() == Stage::Header) {
    const Stream::Transfer got = co_await stream_.read(scratch_);
    if (got.status != Status::Ok) co_return false;
    feed(reader, scratch_.first(got.size));
  }
  if (reader.stage() == Stage::Refused) {
    if (reader.refusal().excess == Excess::HeaderBytes) shared_.meters.hit(Limit::HeaderBytes);
    if (reader.refusal().excess == Excess::BodyBytes) shared_.meters.hit(Limit::BodyBytes);
    co_await refuse(reader.refusal().response, nullptr);
    co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Session::answer(RequestReader& reader, const Route& route) {
  const Limits& limits = shared_.limits;
  BodyShare share(shared_);
  if (reader.stage() == Stage::Body) {
    within(limits.body, Limit::BodyTime);
    bool fits = shared_.bodies < limits.bodiesBytes;
    if (fits && reader.expectsContinue() && co_await stream_.write(kContinue) != Status::Ok) co_return false;
    feed(reader, {});
    while (fits && reader.stage() == Stage::Body) {
      fits = share.hold(reader.bodySize());
      if (!fits) break;
      const Stream::Transfer got = co_await stream_.read(scratch_);
      if (got.status != Status::Ok) co_return false;
      feed(reader, scratch_.first(got.size));
    }
    if (reader.stage() == Stage::Refused) {
      if (reader.refusal().excess != Excess::None) {
        const bool body = reader.refusal().excess == Excess::BodyBytes;
        shared_.meters.hit(body ? Limit::BodyBytes : Limit::HeaderBytes);
      }
      co_return co_await refuse(reader.refusal().response, &route);
    }
    if (!fits || !share.hold(reader.bodySize())) {
      reader.dropBody();
      share.release();
      shared_.meters.hit(Limit::Bodies);
      co_return co_await refuse(busy(503, "too many bodies at once; try again"), &route);
    }
  }
  Response response = co_await ask(route, reader);
  if (stream_.isCut()) co_return false;
  const bool keep = reader.keepAlive() && !shared_.retiring;
  reader.dropBody();
  share.release();
  co_return co_await send(response, keep, false, &route);
}

asio::awaitable<Response> Session::ask(const Route& route, const RequestReader& reader) {
  const InFlight counted(shared_, route);
  if (!counted.allowed()) {
    shared_.meters.hit(Limit::Requests);
    co_return busy(429, "too many requests at once; try again");
  }
  const Request request = reader.request();
  deadline_ = Clock::time_point::max();
  const Clock::time_point asked = Clock::now();
  std::chrono::milliseconds waited{0};
  while (!stream_.isCut()) {
    Answer answer = call(route, request, waited);
    if (Response* response = std::get_if<Response>(&answer)) co_return std::move(*response);
    const std::chrono::milliseconds after = std::get<Later>(answer).after;
    if (waited + after > shared_.limits.answer) {
      shared_.meters.hit(Limit::AnswerTime);
      log::warn("no answer in time", {{"server", shared_.name}, {"path", route.path}});
      break;
    }
    boost::system::error_code error;
    timer_.expires_after(after);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    waited = std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - asked);
  }
  co_return text(503, "no answer in time; try again");
}

Answer Session::call(const Route& route, const Request& request, std::chrono::milliseconds waited) const {
  try {
    return route.handler(request, waited);
  } catch (...) {
    // By its type alone: the message may quote the request.
    log::error(
        "handler threw",
        {{"server", shared_.name}, {"path", route.path}, {"exception", typeName(std::current_exception())}});
    return text(500, "internal error");
  }
}

// Answers what is not read to its end, and gives the connection up.
asio::awaitable<bool> Session::refuse(Response refusal, const Route* route) {
  unread_ = true;
  co_return co_await send(refusal, false, false, route);
}

asio::awaitable<bool> Session::send(const Response& response, bool keep, bool headOnly, const Route* route) {
  note(route, response);
  if (response.status == 200 && !std::exchange(earned_, true)) shared_.newcomers.leave(number_);
  const std::string bytes = serialize(response, keep, headOnly);
  within(shared_.limits.write, Limit::WriteTime);
  const Status sent = co_await stream_.write(bytes);
  served_ = true;
  present_ = sent == Status::Ok;
  co_return keep&& present_;
}

void Session::note(const Route* route, const Response& response) const {
  const std::chrono::nanoseconds taken = Clock::now() - begun_;
  shared_.meters.answered(route, response.status, taken);
  const std::uint64_t number = ++shared_.answered;
  if (shared_.sample == 0 || number % shared_.sample != 0) return;
  log::info("answered", {{"server", shared_.name},
                         {"path", route == nullptr ? "other" : route->path},
                         {"status", response.status},
                         {"seconds", std::chrono::duration<double>(taken).count()},
                         {"number", number}});
}

}  // namespace errand::serve
