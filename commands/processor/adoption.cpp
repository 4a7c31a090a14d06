#include "commands/processor/adoption.hpp"

#include "commands/processor/owned_partition.hpp"
#include "event-log/copy_mark.hpp"
#include "sealing/sealing.hpp"

namespace boxoffice::processor {
namespace {

using event_log::CopyMark;
using event_log::CopyState;
using schema::Partition;

template <class T>
using Hopefully = std::expected<T, std::string>;

/// How often others may come in between: each of them is one that starts.
constexpr int kAttemptsMax = 100;
/// For brokers.
constexpr std::chrono::seconds kPatience{10};

/// Where a partition ends, and whether it was adopted before: nobody decides until all are.
struct Last {
  ChainEnd end;
  bool is_adopted = false;
};

class Adoption {
 public:
  Adoption(event_log::Log& log, const CopyMark& mark, std::string_view kind, schema::Instant now,
           const CommandsOf& commands)
      : log_(log), mark_(mark), kind_(kind), now_(now), commands_(commands) {}

  Hopefully<void> run() {
    // Partition 0 has the mark: it comes last, and with it.
    for (std::uint16_t i = log_.partitions(); i-- > 0;) {
      const auto step = adopt({i});
      if (!step) return std::unexpected(step.error());
      if (*step == Step::all_is_done) break;
    }
    return {};
  }

 private:
  enum class Step { done, all_is_done, fenced };

  /// Until nobody comes in between.
  Hopefully<Step> adopt(Partition partition) {
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      const auto step = attempt_to_adopt(partition);
      if (!step || *step != Step::fenced) return step;
    }
    return std::unexpected("others that start take partition " + std::to_string(partition.value) +
                           " over again and again");
  }

  Hopefully<Step> attempt_to_adopt(Partition partition) {
    const auto writer = log_.take_over(std::span(&partition, 1));
    if (!writer) return std::unexpected(writer.error().message);
    // Behind the fence: another that started meanwhile may have done it all, and decided since.
    const auto mark = event_log::copy_mark(log_);
    if (!mark) return std::unexpected(mark.error().message);
    if (*mark && (*mark)->state == CopyState::adopted) return Step::all_is_done;
    const auto last = last_of(partition);
    if (!last) return std::unexpected(last.error());
    auto batch = std::make_shared<event_log::Batch>();
    if (!last->is_adopted) {
      const auto sent_before = commands_so_far(partition);
      if (!sent_before) return std::unexpected(sent_before.error());
      batch->events.push_back(event_after(last->end, partition, *sent_before));
    }
    if (partition == Partition{0})
      batch->keys.push_back(
          event_log::record_of({.state = CopyState::adopted, .id = mark_.id, .from = mark_.from}));
    const auto appended = (*writer)->append(std::move(batch));
    if (appended) return Step::done;
    if (appended.error().kind == event_log::LogErrorKind::fenced) return Step::fenced;
    return std::unexpected(appended.error().message);
  }

  Hopefully<Last> last_of(Partition partition) {
    const schema::Position position{partition, log_.end(partition)};
    if (position.sequence == schema::Sequence{}) return Last{};
    auto value = log_.at(position);
    if (!value) return std::unexpected(value.error().message);
    if (!*value) return std::unexpected("the log has no event " + schema::to_text(position));
    schema::Envelope envelope;
    schema::Event event;
    (*value)->reserve((*value)->size() + schema::kPadding);
    if (auto read = reader_.event(**value, envelope, event); !read)
      return std::unexpected(schema::to_text(position) + " cannot be read: " + read.error().detail);
    const auto* adopted = std::get_if<schema::LogAdopted>(&event);
    return Last{.end = {position.sequence, sealing::sha256(**value), envelope.time},
                .is_adopted = adopted != nullptr && adopted->copy == mark_.id};
  }

  /// nullopt: there are none, and whatever comes is to be decided.
  Hopefully<std::optional<CommandMark>> commands_so_far(Partition partition) const {
    if (!commands_) return std::nullopt;
    const auto source = commands_(partition);
    const auto bounds = source->bounds(kPatience);
    if (!bounds) return std::unexpected(bounds.error().message);
    if (bounds->end == 0) return std::nullopt;
    return CommandMark{std::string(source->log()), bounds->end - 1};
  }

  event_log::CommittedEvent event_after(const ChainEnd& end, Partition partition,
                                        const std::optional<CommandMark>& sent_before) const {
    event_log::CommittedEvent adopted;
    adopted.topic = schema::LogAdopted::kTopic;
    adopted.event =
        schema::LogAdopted{.copy = mark_.id, .from = mark_.from, .to = std::string(kind_)};
    adopted.envelope.position = {partition, end.sequence.next()};
    adopted.envelope.source = "boxoffice:" + std::string(log_.deployment());
    adopted.envelope.subject = std::to_string(partition.value);
    adopted.envelope.time = std::max(now_, end.time);
    adopted.envelope.previous = end.hash;
    if (sent_before) {
      adopted.envelope.command_log = sent_before->log;
      adopted.envelope.command_offset = sent_before->offset;
    }
    schema::write_event(adopted.value, adopted.envelope, adopted.event);
    return adopted;
  }

  event_log::Log& log_;
  const CopyMark& mark_;
  const std::string_view kind_;
  const schema::Instant now_;
  const CommandsOf& commands_;
  schema::Reader reader_;
};

}  // namespace

std::expected<void, std::string> adopt_copy(event_log::Log& log, std::string_view kind,
                                            schema::Instant now, const CommandsOf& commands) {
  const auto mark = event_log::copy_mark(log);
  if (!mark) return std::unexpected(mark.error().message);
  if (!*mark || (*mark)->state == CopyState::adopted) return {};
  if ((*mark)->state == CopyState::unfinished)
    return std::unexpected(
        "the log is an unfinished copy: let `boxoffice log copy` finish it, with the source at "
        "rest");
  return Adoption(log, **mark, kind, now, commands).run();
}

}  // namespace boxoffice::processor
