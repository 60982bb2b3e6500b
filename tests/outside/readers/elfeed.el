;;; Print what elfeed (Emacs Lisp) reads in feed files: elfeed.el FILE…  -*- lexical-binding: t -*-
;;
;; elfeed keeps no time of change.

(require 'package)
(package-initialize)
(require 'elfeed)
(require 'json)

(defun item (entry)
  (let ((enclosure (car (elfeed-entry-enclosures entry)))
        (date (elfeed-entry-date entry))
        (authors (elfeed-meta entry :authors)))
    `((id . ,(cdr (elfeed-entry-id entry)))
      (title . ,(elfeed-entry-title entry))
      (link . ,(elfeed-entry-link entry))
      (published . ,(format-time-string "%Y-%m-%dT%H:%M:%SZ" date t))
      (author . ,(mapconcat (lambda (author) (plist-get author :name)) authors ", "))
      (categories . ,(vconcat (elfeed-meta entry :categories)))
      (enclosure . ,(and enclosure
                         `((url . ,(nth 0 enclosure))
                           (type . ,(nth 1 enclosure))
                           (length . ,(nth 2 enclosure)))))
      (text . ,(elfeed-deref (elfeed-entry-content entry))))))

(defun items (file)
  (with-temp-buffer
    (insert-file-contents file)
    (let ((xml (elfeed-xml-parse-region (point-min) (point-max))))
      (mapcar #'item
              (pcase (elfeed-feed-type xml)
                (:atom (elfeed-entries-from-atom "http://localhost/" xml))
                (:rss (elfeed-entries-from-rss "http://localhost/" xml)))))))

(set-language-environment "UTF-8")
(dolist (file command-line-args-left)
  (princ (concat (json-encode (vconcat (items file))) "\n")))
(setq command-line-args-left nil)
