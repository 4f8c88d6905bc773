#include "core/kube/auth/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "core/base/descriptor.hpp"

namespace errand::kube {
namespace {

constexpr size_t kMostOut = size_t{1} << 20;

std::string reason(int error) { return std::generic_category().message(error); }

struct Pipe {
  Descriptor read, write;
};

Result<Pipe> makePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::Internal, "pipe: " + reason(errno));
  Pipe out{Descriptor(ends[0]), Descriptor(ends[1])};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return out;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(const Command& command, int out) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, command.argv.front().c_str(), &files, &attributes,
                                  pointers(command.argv).data(), pointers(command.environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    return fail(failed == ENOENT ? ErrorKind::NotFound : ErrorKind::Invalid,
                fmt::format("run {}: {}", command.argv.front(), reason(failed)));
  return pid;
}

// A child process. The destructor kills its process group and reaps it.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), fd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  int ended() const { return fd_.get(); }  // readable when the process has ended
  int reap() {
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
  Descriptor fd_;
};

// Reads the available bytes, and keeps up to `most`. Returns false at the end of the pipe.
bool take(int fd, std::string& into, size_t most) {
  std::array<char, 4096> chunk;
  ssize_t n = 0;
  while ((n = ::read(fd, chunk.data(), chunk.size())) > 0) {
    const size_t kept = std::min(static_cast<size_t>(n), most - into.size());
    into.append(chunk.data(), kept);
    if (kept < static_cast<size_t>(n)) break;
  }
  explicit_bzero(chunk.data(), chunk.size());
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace

Result<Output> runProcess(const Command& command, const std::stop_token& stop,
                          std::chrono::steady_clock::time_point deadline) {
  auto out = makePipe();
  const Descriptor stopped(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!out || stopped.get() < 0)
    return fail(ErrorKind::Internal, fmt::format("run {}: no descriptor is free", command.argv.front()));
  const auto pid = spawn(command, out->write.get());
  if (!pid) return std::unexpected(pid.error());
  Child child(*pid);
  if (child.ended() < 0)
    return fail(ErrorKind::Internal,
                fmt::format("run {}: pidfd_open: {}", command.argv.front(), reason(errno)));
  out->write = Descriptor();
  const std::stop_callback wake(stop, [&] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(stopped.get(), &one, sizeof one);
  });
  // Reserves the memory, so that growth leaves no copy of a credential behind.
  std::string text;
  text.reserve(kMostOut + 1);
  bool more = true;
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd events[] = {
        {child.ended(), POLLIN, 0}, {stopped.get(), POLLIN, 0}, {more ? out->read.get() : -1, POLLIN, 0}};
    poll(events, std::size(events), static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
    const bool ended = (events[0].revents & POLLIN) != 0;
    if (more) more = take(out->read.get(), text, kMostOut + 1);
    Output done;
    if (ended || text.size() > kMostOut) {
      done.out = Sensitive(std::move(text));
      if (done.out.reveal().size() > kMostOut)
        return fail(ErrorKind::Invalid, fmt::format("{} wrote more than 1 MiB", command.argv.front()));
      done.status = child.reap();
      return done;
    }
    const bool cancelled = stop.stop_requested();
    if (!cancelled && std::chrono::steady_clock::now() < deadline) continue;
    Sensitive::wipe(text);
    return cancelled ? fail(ErrorKind::Cancelled, fmt::format("stopped while {} ran", command.argv.front()))
                     : fail(ErrorKind::Timeout, fmt::format("{} did not end in time", command.argv.front()));
  }
}

}  // namespace errand::kube
