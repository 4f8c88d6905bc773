// ThreadSanitizer suppressions for core_kube_test. Debian's libcpprest is built without ThreadSanitizer. The
// reference count under which a cancelled request frees its callback therefore looks like a race. The report
// is in the callback, or where cancel() drops its own reference (_Invoke) before the library frees it. None
// of the project's own code is suppressed.

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:pplx::details::_CancellationTokenCallback\n"
         "race:pplx::details::_CancellationTokenRegistration::_Invoke\n";
}
