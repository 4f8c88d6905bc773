// What ThreadSanitizer cannot see in core_kube_test: Debian's libcpprest is built without it, so the
// reference count under which a cancelled request frees its callback looks like a race: in the callback, or
// where cancel() gives its own count back (_Invoke) before the library frees it. Nothing of ours is
// suppressed.

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:pplx::details::_CancellationTokenCallback\n"
         "race:pplx::details::_CancellationTokenRegistration::_Invoke\n";
}
