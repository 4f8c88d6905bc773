#include <utility>  // before Asio, which lacks this include in Boost 1.74

#include "core/serve/io/session.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/log.hpp"
#include "core/serve/http/writer.hpp"
#include "core/serve/io/thrown.hpp"
#include "core/serve/io/worker.hpp"

namespace errand::serve {
namespace {

namespace asio = boost::asio;
using Stage = RequestReader::Stage;
using Status = Stream::Status;

constexpr std::chrono::milliseconds kLongestPollInterval{50};

Response busy(int status, const char* why) {
  Response out = text(status, why);
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

// The share of one body in Limits::bodiesBytes, released by the destructor. It counts received bytes instead
// of Content-Length, which a client can claim at no cost.
class BodyShare {
 public:
  BodyShare(Shared& shared, Seat& seat) : shared_(shared), seat_(seat) {}
  BodyShare(const BodyShare&) = delete;
  ~BodyShare() { release(); }

  void release() { shared_.bodies -= seat_.body.exchange(0); }

  // Sets the share to `size` bytes. Returns false if this body must give way (Seats::roomFor).
  bool hold(std::size_t size) {
    const std::size_t more = size - seat_.body.exchange(size);
    const std::size_t all = shared_.bodies += more;
    if (all > shared_.mostBodies) shared_.mostBodies = all;
    if (all <= shared_.limits.bodiesBytes) return true;
    const Seats::Room room = shared_.seats.roomFor(seat_, shared_.limits.bodiesBytes);
    if (room.leaves) room.leaves->worker.evict(room.leaves->number);
    return room.fits;
  }

 private:
  Shared& shared_;
  Seat& seat_;
};

// A request whose handler runs, or that waits for the next call of its handler.
class InFlight {
 public:
  InFlight(Shared& shared, Seat& seat, const Route& route) : shared_(shared), seat_(seat), route_(route) {
    seat_.asking = true;
    allowed_ = ++shared_.requests <= shared_.limits.requests ||
               !shared_.seats.asksTooMuch(seat.source, shared_.limits.requests);
    shared_.meters.begun(&route_);
  }
  InFlight(const InFlight&) = delete;
  ~InFlight() {
    --shared_.requests;
    seat_.asking = false;
    shared_.meters.ended(&route_);
  }
  bool allowed() const { return allowed_; }

 private:
  Shared& shared_;
  Seat& seat_;
  const Route& route_;
  bool allowed_ = false;
};

bool keeps(const Shared& shared, const RequestReader& reader) {
  return reader.keepAlive() && shared.keepAlive && !shared.retiring;
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, TlsContext context, Shared& shared, std::shared_ptr<Seat> seat,
                 Turns& turns, std::span<char> scratch)
    : shared_(shared),
      seat_(std::move(seat)),
      turns_(turns),
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
  within(shared_.limits.lingering, Limit::WriteTime);
  co_await stream_.goodbye();
  // With data unread, close() would send a reset that can overtake the answer.
  if (!unread_) co_return;
  const bool taken = co_await stream_.drain(scratch_, shared_.limits.lingeringBytes);
  if (!taken) shared_.meters.hit(Limit::Lingering);
}

// Handles one request. Returns true if the connection can carry another.
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
    co_return co_await send(*refusal, keeps(shared_, reader), reader.request().method == "HEAD", nullptr);
  }
  co_return co_await answer(reader, *std::get<const Route*>(found));
}

// Waits for a request to begin. An open connection between two requests has its own, longer limit.
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
  BodyShare share(shared_, *seat_);
  if (reader.stage() == Stage::Body) {
    within(limits.body, Limit::BodyTime);
    bool fits = true;
    if (reader.expectsContinue() && co_await stream_.write(kContinue) != Status::Ok) co_return false;
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
  const bool keep = keeps(shared_, reader);
  reader.dropBody();
  share.release();
  co_return co_await send(response, keep, false, &route);
}

asio::awaitable<Response> Session::ask(const Route& route, const RequestReader& reader) {
  const InFlight counted(shared_, *seat_, route);
  if (!counted.allowed()) {
    shared_.meters.hit(Limit::Requests);
    co_return busy(429, "too many requests at once; try again");
  }
  Request request = reader.request();
  request.source = seat_->source.address;
  request.network = seat_->source.network;
  const Payer payer =
      shared_.spending.open(seat_->source, shared_.party ? shared_.party(request) : std::string_view());
  deadline_ = Clock::time_point::max();
  const Clock::time_point asked = Clock::now();
  const auto waited = [&] { return std::chrono::ceil<std::chrono::milliseconds>(Clock::now() - asked); };
  std::chrono::milliseconds since{0};
  while (!stream_.isCut()) {
    const bool small = request.body.size() <= shared_.limits.smallBytes;
    Answer answer;
    if (small)
      answer = co_await inTurn(route, request, since, payer);
    else
      answer = co_await aside(route, request, since, payer);
    if (Response* response = std::get_if<Response>(&answer)) co_return std::move(*response);
    const Later later = std::get<Later>(std::move(answer));
    if (waited() + later.after > shared_.limits.answer) {
      shared_.meters.hit(Limit::AnswerTime);
      log::warn("no answer in time", {{"server", shared_.name}, {"path", route.path}});
      break;
    }
    std::chrono::milliseconds after = later.after;
    co_await pause(after);
    while (later.ready && !stream_.isCut() && waited() < later.patience && !later.ready()) {
      after = std::min(2 * after, kLongestPollInterval);
      co_await pause(after);
    }
    since = waited();
  }
  co_return text(503, "no answer in time; try again");
}

asio::awaitable<void> Session::pause(std::chrono::milliseconds after) {
  boost::system::error_code error;
  timer_.expires_after(after);
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<Answer> Session::inTurn(const Route& route, const Request& request,
                                        std::chrono::milliseconds waited, const Payer& payer) {
  co_await turns_.await(timer_, payer);
  if (stream_.isCut()) co_return text(503, "cut");
  const std::chrono::nanoseconds before = threadCpu();
  Answer out = call(route, request, waited);
  shared_.spending.charge(payer, threadCpu() - before);
  co_return out;
}

// The job refers to local variables of this coroutine, which returns only after the job is done or removed.
asio::awaitable<Answer> Session::aside(const Route& route, const Request& request,
                                       std::chrono::milliseconds waited, const Payer& payer) {
  Answer out = text(503, "no answer in time; try again");
  bool done = false;
  const auto job = std::make_shared<Bench::Job>();
  job->payer = payer;
  job->bytes = request.body.size();
  job->work = [&] { out = call(route, request, waited); };
  job->done = [&] {
    asio::post(timer_.get_executor(), [&] {
      done = true;
      timer_.cancel();
    });
  };
  const Clock::time_point late = Clock::now() + shared_.limits.answer;
  shared_.bench.add(job);
  bool waits = true;
  while (!done) {
    boost::system::error_code error;
    timer_.expires_at(waits ? late : Clock::time_point::max());
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (done || !(stream_.isCut() || Clock::now() >= late)) continue;
    if (shared_.bench.remove(job)) {
      shared_.meters.hit(Limit::AnswerTime);
      break;
    }
    waits = false;
  }
  co_return out;
}

Answer Session::call(const Route& route, const Request& request, std::chrono::milliseconds waited) const {
  try {
    return route.handler(request, waited);
  } catch (...) {
    // Logs only the type, because the message may quote the request.
    log::error(
        "handler threw",
        {{"server", shared_.name}, {"path", route.path}, {"exception", typeName(std::current_exception())}});
    return text(500, "internal error");
  }
}

// Answers a request without reading it to its end, and ends the connection.
asio::awaitable<bool> Session::refuse(Response refusal, const Route* route) {
  unread_ = true;
  co_return co_await send(refusal, false, false, route);
}

asio::awaitable<bool> Session::send(const Response& response, bool keep, bool headOnly, const Route* route) {
  note(route, response);
  if (response.status == 200) seat_->idleSince = Clock::now();
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
