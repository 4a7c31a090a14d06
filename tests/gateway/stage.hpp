#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "commands/domain/partition_state.hpp"
#include "gateway/gateway.hpp"
#include "tests/gateway/http_client.hpp"

/// A gateway with the real domain and the simplest read models behind it, all in memory, at once
/// and on one partition.
namespace boxoffice::gateway_test {

using namespace std::chrono_literals;

/// Read models that a test can hold back.
class FakeQueries : public projections::Queries {
 public:
  void apply(const event_log::CommittedEvent& event);

  std::shared_ptr<const projections::OccasionView> occasion(
      const schema::OccasionId& id) const override;
  projections::QueryResult<projections::Page<std::shared_ptr<const projections::OccasionView>>>
  occasions(std::span<const schema::OccasionState> states, std::string_view after,
            std::size_t limit) const override;
  std::shared_ptr<const projections::AvailabilityView> availability(
      const schema::OccasionId& id) const override;
  projections::QueryResult<std::optional<projections::ClaimView>> claim(
      const schema::OccasionId& occasion, const schema::ClaimId& id) const override;
  std::shared_ptr<const projections::KeyView> key(const schema::KeyId& id) const override;
  projections::QueryResult<projections::Page<std::shared_ptr<const projections::KeyView>>> keys(
      std::string_view after, std::size_t limit) const override;
  projections::QueryResult<projections::Page<projections::AuditItem>> audit(
      const projections::AuditFilter& filter, std::string_view after,
      std::size_t limit) const override;
  projections::QueryResult<std::optional<std::string>> wrapped_key(
      schema::Partition partition, std::string_view name) const override;
  bool reached(schema::Position position) const override;
  void when_reached(std::vector<schema::Position> positions,
                    std::chrono::steady_clock::time_point deadline,
                    std::function<void(bool)> then) const override;
  std::chrono::milliseconds lag() const override;

  /// From now on nothing is applied, and who waits is kept waiting.
  void hold();
  /// Waits until somebody waits (at most 10 s), and goes on.
  void release_when_awaited();

  void put_key(const std::string& name, const std::string& wrapped);

  /// What lag() says.
  void fall_behind(std::chrono::milliseconds lag);
  projections::AuditFilter last_filter() const;

 private:
  void apply_now(const event_log::CommittedEvent& event);

  mutable std::mutex mutex_;
  bool holding_ = false;
  std::vector<event_log::CommittedEvent> held_;
  mutable std::condition_variable awaited_;
  mutable std::vector<std::function<void(bool)>> waiting_;
  std::map<schema::OccasionId, std::shared_ptr<const projections::OccasionView>> occasions_;
  std::map<schema::ClaimId, projections::ClaimView> claims_;
  std::map<schema::KeyId, std::shared_ptr<const projections::KeyView>> keys_;
  std::vector<projections::AuditItem> items_;
  std::map<std::string, std::string, std::less<>> wrapped_;
  std::chrono::milliseconds lag_{0};
  mutable projections::AuditFilter last_filter_;
};

class Stage {
 public:
  static constexpr std::string_view kAdminKey = "the-bootstrap-key-of-tests";

  explicit Stage(gateway::Settings settings = {});
  ~Stage();

  Answer ask(Asked asked) const { return gateway_test::ask(gateway->port(), asked); }
  Answer get(std::string path, std::string key = {}) const {
    return ask({.path = std::move(path), .key = std::move(key)});
  }
  Answer post(std::string path, std::string body, std::string key = {}) const {
    return ask({.method = "POST",
                .path = std::move(path),
                .key = std::move(key),
                .body = std::move(body)});
  }
  std::string admin() const { return std::string(kAdminKey); }
  /// A key's text; made by the admin.
  std::string key(std::string_view role, std::string_view occasion = {}) const;
  /// An occasion's id; open, with claims, one pool of ten.
  std::string occasion(std::string_view more = {}) const;

  /// What happens to the next commands.
  enum class Mood { decide, full, silent, unavailable };
  void be(Mood mood) { mood_ = mood; }
  std::size_t submitted() const { return submitted_; }
  processor::Submission last() const;
  /// As if the window in which idempotency keys are remembered were over.
  void forget();

  FakeQueries queries;
  std::unique_ptr<projections::Desk> desk;  ///< where `queries` are asked
  sealing::Vault vault;
  gateway::Readiness readiness;
  schema::Instant now{std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}};
  std::unique_ptr<gateway::Gateway> gateway;

 private:
  bool submit(processor::Submission&& submission);
  processor::Answer decide(processor::Submission& submission);

  mutable std::mutex mutex_;
  domain::PartitionState state_;
  schema::Sequence sequence_;
  std::map<schema::CommandId, std::pair<schema::CommandIdentity, processor::Outcome>> outcomes_;
  std::vector<processor::Submission> silenced_;
  std::vector<processor::Submission> seen_;
  std::atomic<Mood> mood_{Mood::decide};
  std::atomic<std::size_t> submitted_{0};
};

}  // namespace boxoffice::gateway_test
