#include "tests/kafka/broker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace boxoffice::testing {
namespace {

constexpr const char* kDevCluster = BOXOFFICE_DEV_CLUSTER;

std::string read_line(int from) {
  std::string line;
  for (char letter; ::read(from, &letter, 1) == 1 && letter != '\n';) line += letter;
  return line;
}

pid_t process_of(const std::filesystem::path& directory, int node) {
  std::ifstream file(directory / ("node-" + std::to_string(node)) / "pid");
  pid_t pid = -1;
  file >> pid;
  return pid;
}

/// Whether a thread of it may still hold a socket. One that has ended and was not waited for has
/// its first thread left, as a zombie.
bool is_alive(pid_t pid) {
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  std::ifstream file(process / "stat");
  std::string number;
  std::string name;
  std::string state;
  if (!(file >> number >> name >> state)) return false;
  std::error_code ignored;
  const std::filesystem::directory_iterator threads(process / "task", ignored);
  return state != "Z" || std::distance(begin(threads), end(threads)) > 1;
}

}  // namespace

Broker::Broker(int nodes) {
  std::array<int, 2> input;
  std::array<int, 2> output;
  if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const std::string data = directory_.path();
  const std::string count = std::to_string(nodes);
  attached_ = ::fork();
  if (attached_ == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::execl(kDevCluster, kDevCluster, "start", "--attached", "--port", "0", "--brokers",
            count.c_str(), "--data", data.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output[1]);
  keeps_running_ = input[1];
  bootstrap_servers_ = read_line(output[0]);
  ::close(output[0]);
  if (bootstrap_servers_.empty()) throw std::runtime_error("no broker could be started");
}

Broker::~Broker() {
  ::close(keeps_running_);
  ::waitpid(attached_, nullptr, 0);
}

void Broker::kill(int node) {
  const pid_t pid = process_of(directory_.path(), node);
  if (pid <= 0 || ::kill(pid, SIGKILL) != 0) throw std::runtime_error("the node does not run");
  while (is_alive(pid)) ::usleep(1000);
}

void Broker::start() {
  const std::string command =
      std::string(kDevCluster) + " start --data " + directory_.path().string() + " > /dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("the broker did not start again");
}

Broker& Broker::shared() {
  static Broker broker;
  return broker;
}

}  // namespace boxoffice::testing
