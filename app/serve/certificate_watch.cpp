#include "app/serve/certificate_watch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "journal/journal.hpp"

namespace boxoffice::app {

using gateway::http::Certificate;
using gateway::http::CertificateFiles;

std::optional<CertificateFiles> certificate_files(const Settings& settings) {
  const bool has_certificate = settings.given("tls-cert"), has_key = settings.given("tls-key");
  if (!has_certificate && !has_key) return std::nullopt;
  if (!has_key) throw WrongSetting("setting tls-key: is needed with tls-cert");
  if (!has_certificate) throw WrongSetting("setting tls-cert: is needed with tls-key");
  return CertificateFiles{settings.path("tls-cert"), settings.path("tls-key")};
}

Certificate read_certificate(const CertificateFiles& files) {
  auto read = Certificate::read(files);
  if (read) return std::move(*read);
  const bool is_key = read.error().file == Certificate::File::key;
  throw WrongSetting(
      fmt::format("setting {}: {}", is_key ? "tls-key" : "tls-cert", read.error().message));
}

CertificateWatch::CertificateWatch(CertificateFiles files)
    : files_(std::move(files)), read_(marks()), seen_(read_) {}

void CertificateWatch::look(const Use& use) {
  const Marks now = marks();
  const bool is_settled = now == seen_;
  seen_ = now;
  if (is_settled && now != read_) reload(use);
}

void CertificateWatch::reload(const Use& use) {
  read_ = seen_ = marks();
  auto read = Certificate::read(files_);
  if (!read) {
    journal::error(
        "certificate_refused",
        "the certificate in force stays, for the new one cannot be used: " + read.error().message)
        .with("error", read.error().message);
    return;
  }
  const std::string described = read->described();
  journal::info("certificate_in_force", "certificate from now on: " + described)
      .with("certificate", described);
  use(std::move(*read));
}

CertificateWatch::Mark CertificateWatch::mark_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .number = status.st_ino,
          .bytes = static_cast<std::uintmax_t>(status.st_size),
          .changed_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

}  // namespace boxoffice::app
