#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/http/certificate.hpp"
#include "gateway/http/server.hpp"

/// Internal to http/: what all connections of one thread share.
namespace boxoffice::gateway::http {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// What all threads share; outlives them.
struct Shared {
  ServerSettings settings;
  Handler handler;
  std::function<void(const Answered&)> answered;
  std::unique_ptr<CertificateInForce> certificate;  ///< null: everything is in clear
  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> refused{0};
};

class IoThread final : public Home, public std::enable_shared_from_this<IoThread> {
 public:
  explicit IoThread(std::shared_ptr<Shared> shared);
  ~IoThread() override;

  void post(std::move_only_function<void()> task) override;

  /// `number` tells it from others in the system's list of threads.
  void start(std::size_t number);
  /// First stage: connections end as soon as nothing is under way; the thread ends with its last
  /// connection or after `drain_timeout`.
  void drain();
  void join();

  boost::asio::io_context& context() { return context_; }
  Shared& shared() { return *shared_; }

  // For the thread itself and its connections.
  void adopt(Socket socket, bool refused);
  void forget(Connection& connection);
  bool draining() const { return draining_; }
  std::vector<char>& arrival() { return arrival_; }
  /// The value of `Date`, of this second.
  std::string_view date() const { return date_; }

 private:
  void run_mailbox();
  void tick();
  void finish_if_drained();

  std::shared_ptr<Shared> shared_;
  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<Executor>> work_;
  boost::asio::steady_timer timer_{context_};
  std::thread thread_;

  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<char>
      arrival_;  ///< what a read brings, until it is handled or belongs to a connection
  std::string date_;
  bool draining_ = false;
  std::chrono::steady_clock::time_point drained_by_{};

  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> mailbox_;  // guarded by mutex_
  std::vector<std::move_only_function<void()>> taken_;
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace boxoffice::gateway::http
