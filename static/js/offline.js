// Asks the browser to keep the form pages for the time without a network ([data-worker]), once this page is done with it.

const ask = () => navigator.serviceWorker?.register(document.documentElement.dataset.worker).catch(() => {});

if (document.readyState === "complete") ask();
else addEventListener("load", ask, { once: true });
