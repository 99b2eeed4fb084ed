/* The camera as a scanner: a code in the picture is typed into the field and sent. Fetched only by
   who opens it; what it reads goes the way of every scan. */
"use strict";
window.twCamera = (() => {
  /* The same code counts again once it has been out of the picture for so long. */
  const AGAIN = 1500, EACH = 150;
  let stream = null, video = null;
  const load = (address) => new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });
  const reader = async ({ library, module }) => {
    if (!window.BarcodeDetectionAPI) await load(library);
    const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
    prepareZXingModule({ overrides: { locateFile: (path, before) => (path.endsWith(".wasm") ? module : before + path) } });
    return new BarcodeDetector({ formats: ["data_matrix", "qr_code", "code_128", "ean_13", "itf", "databar"] });
  };
  const stop = () => {
    stream?.getTracks().forEach((one) => one.stop());
    video?.remove();
    stream = video = null;
  };
  const start = async (at, found, addresses) => {
    if (stream) { stop(); return; }
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    video = document.createElement("video");
    Object.assign(video, { muted: true, playsInline: true, srcObject: stream, className: "tw-camera" });
    at.append(video);
    await video.play();
    const detector = await reader(addresses);
    const seen = new Map();
    const look = async () => {
      if (!stream) return;
      try {
        for (const one of await detector.detect(video)) {
          const last = seen.get(one.rawValue) || 0;
          seen.set(one.rawValue, Date.now());
          if (one.rawValue && Date.now() - last > AGAIN) found(one.rawValue);
        }
      } catch { /* a picture that is not there yet */ }
      setTimeout(look, EACH);
    };
    look();
  };
  return { start, stop };
})();
